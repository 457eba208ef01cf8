"""What proves that bytes arrived: one registry, a file per family.

    registry   the names, and how to start a checksum
    sha        SHA-256, by the standard library
    xxh        XXH3 with 128 bits, by xxhash

Both families let go of the GIL for large buffers, so that a thread each hashes at
full speed beside reading and writing.
"""
