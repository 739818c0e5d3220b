"""Crawls that are killed, in every way and at every moment: a press to crawl, the blows, and the audit after them."""
