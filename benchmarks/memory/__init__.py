"""What a memory of each site is worth: measured on small sites of our own, on real pages, and on a rebuilt site."""
