"""Ketter copies footage between drives and proves that every byte arrived.

The rooms, and which way their doors open, are described in CONTRIBUTING.md and
held by import-linter: domain ← checksums | disk | system ← engine | store |
watch | evidence ← queue ← service ← ui | cli ← app.
"""

__version__ = "0.1.0"
