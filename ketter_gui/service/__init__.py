"""What one can ask of Ketter. The window and the command line both come through here,
and through nothing else.

    service    the object that is asked; it owns the ledger and the scheduler
    resolve    paths become sources and destinations, or problems beside their cause
    measure    what a source holds, counted while one looks on
    showcase   the queue and the history, shown without doing work twice
    show       ledger records and running counters become views
    record     audit: export, verify, sign
    health     `ketter doctor`
    demo       a made-up card and two drives
"""
