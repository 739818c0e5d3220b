"""Collections that many write at once: parts of lines on a disk or an object store, and what of them counts."""
