"""What is settled: the room of the watch folders.

Nothing lives here yet. What comes takes watchdog's events as hints and a scan as the
truth, and tells `queue` of files that have settled; it does not copy, and it knows
neither the engine nor the ledger.
"""
