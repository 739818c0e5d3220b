"""One crawl on many machines: sites and archives handed out to Dask's workers, each crawled in a process of its own."""
