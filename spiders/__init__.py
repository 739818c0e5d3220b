"""How pages are found: one file per way."""
