"""What takes hours, or GB: run by hand."""
