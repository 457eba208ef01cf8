"""What proves that bytes arrived: one registry, a file per family.

    registry   the names, and how to start a checksum
    sha, md    SHA-256, SHA-1 and MD5, by the standard library
    xxh        XXH64, XXH3 and XXH128, by xxhash
    blake      BLAKE3, by blake3
    c4         C4, a SHA-512 in letters, by the standard library

All families let go of the GIL for large buffers, so that a thread each hashes at full
speed beside reading and writing; `tests/benchmarks/bench_checksums.py` measures it.
"""
