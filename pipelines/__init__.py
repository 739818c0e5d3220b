"""What happens to a page once it is fetched: one stage per file."""
