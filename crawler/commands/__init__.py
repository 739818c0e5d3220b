"""The sub-commands of ``dateline``, one per file; each imports what it runs on only when it runs."""
