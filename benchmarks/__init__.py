"""Measured speed, one module a question, ours beside a named baseline in one run."""
