"""The tests mirror the package; CONTRIBUTING.md says where each kind lives."""
