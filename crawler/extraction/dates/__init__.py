"""When an article was published and last changed, read from ordered sources and judged by the evidence of the page."""

from crawler.extraction.dates.find import Dates, find_dates

__all__ = ["Dates", "find_dates"]
