"""Crawls by several processes of a Dask cluster: sites to crawl, workers that are hit, and the audit after them."""
