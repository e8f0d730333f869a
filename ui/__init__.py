"""The pages: live feed, worklist."""
