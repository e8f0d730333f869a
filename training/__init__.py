"""Offline: fits and evaluates the model bundle."""
