"""The coding worker: note events in, coded claims out."""
