"""The pages: live feed, worklist, try a note, batch, analysis, operations."""
