"""The state held against the files: what is checked, and what can be mended without guessing."""
