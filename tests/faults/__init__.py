"""Faults: what Ketter does when everything around it fails.

chaos   SIGKILL at random moments, again and again: `python -m tests.faults.chaos`
"""
