"""Benchmarks: what Ketter takes, as ratios to its peers in the same run.

    python -m tests.benchmarks [NAME…] [--quick] [--runs N] [--at FOLDER]
                               [--json FILE] [--compare] [--keep]

Without names, all that take minutes; those that take longer are run by name. `--keep`
writes the ratios to `ratios.json` beside this file, `--compare` tells what is more than
15 % worse than they are. Figures of a busy machine mean nothing.
"""
