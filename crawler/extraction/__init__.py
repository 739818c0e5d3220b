"""The pure room: page bytes, and what is known of the site, become an extract."""
