"""Benchmarks: what Ketter takes, as ratios to its peers in the same run.

    python -m tests.benchmarks [--quick] [--at FOLDER] [--json FILE] [--compare FILE]

The contenders take turns, so that a machine whose speed wanders does so for all of them.
"""
