"""What only the operating system knows: volumes and devices, locks, who and where.

    volumes    which volumes there are, and where a path really is
    locks      a lock that dies with its process
    identity   the names of user and machine, for the audit

A file per system behind each interface (`volumes_linux`); where there is none that was
ever run, the interface raises NotOnThisSystem.
"""
