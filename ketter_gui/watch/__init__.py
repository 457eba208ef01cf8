"""What is settled: the room of the watch folders.

    hints      what the system says has changed; never believed, only looked at
    events     watchdog's observer, and the ways to notice that it lost something
    looking    what is in a watch folder and not taken yet: the truth
    settling   since when nothing about a file, or a folder of files, has changed
    folder     one watch folder: hints and looks go in, what has settled comes out
    periods    how often everything is looked through
    breaker    when a watch folder stops itself

It copies nothing and knows neither the engine nor the ledger: what is taken already is asked
through a function that it is given.
"""
