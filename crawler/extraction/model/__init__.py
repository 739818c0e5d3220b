"""The learned part: how likely each block of a page is the article's text."""
