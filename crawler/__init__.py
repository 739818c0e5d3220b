"""The knowledge of a news crawl, and the wiring of its Scrapy project."""

__version__ = "0.1.0"
