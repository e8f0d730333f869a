"""Publishes note events: a user's own files or synthetic encounters."""
