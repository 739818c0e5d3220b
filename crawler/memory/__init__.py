"""What a site's own pages teach of it: learned from traces, bounded, asked for before its next page is read."""
