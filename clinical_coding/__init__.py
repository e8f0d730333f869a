"""The coding rules: notes in, coded claims out; no clock, no disk, no network."""
