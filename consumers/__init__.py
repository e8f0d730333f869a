"""Reads coded claims: landing to Parquet, the claim client, reconciliation."""
