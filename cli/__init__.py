"""The one entry point, codemychart: parses, calls a process, prints."""
