"""Scrapy's settings, in groups, each with its why. The command sets the DATELINE_* ones from its options."""

from crawler.useragent import user_agent

BOT_NAME = "dateline"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"

# What to crawl: options of the command, or `-a` arguments of the spider.
DATELINE_URLS: list[str] = []
DATELINE_SOURCES = None  # path of a TOML file, one table a site
DATELINE_GIVEN = None  # sources as they are (crawler.sources), in place of both: in a cluster
DATELINE_CDX: list[str] = []  # lists of captures in web archives, files or addresses, that name old addresses
DATELINE_ALL = False  # every source whether it is due or not, and every document in full
DATELINE_ALLOW: list[str] = []  # hosts and networks that may be crawled although they are private
DATELINE_ARCHIVES: list[str] = []  # files, folders and addresses of archives, for the spider of archives
DATELINE_SITES: list[str] = []  # domains that are wanted of an archive; all where none is named
DATELINE_LANGUAGES: list[str] = []  # languages that are wanted; all where none is named
DATELINE_UNTIL = ""  # YYYY-MM-DD: what came out after that day is not written
DATELINE_MAX_PAGES = 0  # article pages fetched in a run; 0 is no limit
DATELINE_SINCE = ""  # YYYY-MM-DD: what is known to be older is not fetched
DATELINE_DELAY = 1.0  # seconds from the end of a request to a host to the next; robots.txt may make it longer
DATELINE_UNDATED = "flag"  # or "refuse"
DATELINE_IGNORE_NOINDEX = False  # write what its site asks not to keep (noindex, noarchive, none) all the same
DATELINE_RESPECT_TDM = False  # leave out what its site reserves from mining (TDMRep, Content-Signal, noai)
DATELINE_RECHECK = "3h,1d,7d,30d"  # ages at which a written article is looked at again, or "never"
DATELINE_DATA = "data"
DATELINE_STATE = None  # the URL of a PostgreSQL database in which the state is shared (docs/state.md)
DATELINE_LEASE = None  # the lease under which it is written (crawler.state.lease), as text
DATELINE_OUTPUT = None
DATELINE_KEEP_PAGES = None  # a folder for article pages as they came (WARC)
DATELINE_QUIET = False  # no progress
DATELINE_REPORT = True  # write the run's report and its page; in a cluster they are of all processes together
DATELINE_METRICS = None  # path of a file for Prometheus' node exporter (docs/alarms.md)
DATELINE_ON_ALARM = None  # a command that the command runs with new alarms
DATELINE_PROFILE = False  # write where the CPU time goes beside the report (docs/speed.md)

# Who we are: honest, with a way to reach whoever runs this. DATELINE_CONTACT is an address or a page of yours.
DATELINE_CONTACT = ""
USER_AGENT = user_agent(DATELINE_CONTACT)
ROBOTSTXT_USER_AGENT = "Dateline"

# The way of a page: extracted, accepted, written.
ITEM_PIPELINES = {
    "pipelines.extract.ExtractPage": 100,
    "pipelines.accept.AcceptArticle": 200,
    "pipelines.jsonl.WriteArticle": 300,
}
FEED_EXPORTERS = {"parquet": "crawler.feeds.ParquetExporter"}  # beside the lines: FEEDS, or -O news.parquet
FEED_STORAGES = dict.fromkeys(("", "file"), "crawler.feeds.DraftedFile")
CONCURRENT_ITEMS = 1  # of one answer; that each line is written once is seen to in pipelines/jsonl.py
EXTENSIONS = {
    "crawler.extensions.Run": 100,
    "crawler.progress.Progress": 200,
    "crawler.footprint.MemoryLimit": 300,
    "crawler.cluster.heartbeat.Heartbeat": 400,
    "scrapy.extensions.telnet.TelnetConsole": None,  # closed below; named here they are not loaded either, nor aiohttp
    "scrapy.extensions.remote_control.RemoteControl": None,
}
# Of Scrapy's own parts those that are used: each of the others is imported, with its libraries, to be switched off. No
# console and no remote control, whose doors somebody might find; no cookies; no proxy, behind which the address that a
# connection goes to could not be checked; crawler.footprint for MemoryUsage, crawler.robots for RobotsTxtMiddleware.
EXTENSIONS_BASE = {"scrapy.extensions.corestats.CoreStats": 0, "scrapy.extensions.feedexport.FeedExporter": 0}
SPIDER_MIDDLEWARES_BASE = {  # each costs a generator around every answer
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": 50,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": 700,
}
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
}

# What may be fetched: what robots.txt allows (RFC 9309; Scrapy's own gate reads a 5xx as "allow all"), on the own
# site, at public addresses.
DATELINE_ROBOTS_OBEY = True
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.KeepToSite": 50,
    "crawler.robots.RobotsGate": 100,
    "crawler.middlewares.Patience": 560,  # sees an answer before the retry middleware (550)
    "crawler.middlewares.MetaRefresh": 580,  # Scrapy's own places for these three
    "crawler.middlewares.Unpacking": 590,
    "crawler.keeping.KeepPages": 595,  # sees an answer before it is unpacked, and no redirect
    "crawler.middlewares.Redirect": 600,
    "crawler.middlewares.NameRefusal": 950,
    "crawler.pace.Pace": 1000,  # next to the network: nothing is asked past it
    "crawler.cluster.heartbeat.OwnSites": 1010,  # … of a site that another process has by now
}
TWISTED_DNS_RESOLVER = "crawler.resolver.GuardedResolver"
DOWNLOAD_HANDLERS_BASE = dict.fromkeys(("http", "https"), "crawler.connections.BoundedHandler")  # and no other schemes
DOWNLOAD_VERIFY_CERTIFICATES = True
REDIRECT_MAX_TIMES = 5
METAREFRESH_MAXDELAY = 3  # longer ones are front pages that reload themselves

# Politeness: one at a time a host, and DATELINE_DELAY after it, is crawler.pace's. Scrapy's own slots count from start
# to start, and do not hold their number where the delay is 0: they let through what comes.
DOWNLOAD_DELAY = 0.0
CONCURRENT_REQUESTS = 32
CONCURRENT_REQUESTS_PER_DOMAIN = CONCURRENT_REQUESTS
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"  # the order of the frontier: newest first
DATELINE_FIRST_WAIT = 5.0  # seconds after a 429 or 503 that names no time; doubled each time
DATELINE_LONGEST_WAIT = 30.0  # a host that wants more is left to the next run

# Bounds: what one answer, one host and one process may cost.
DOWNLOAD_TIMEOUT = 30  # seconds for a whole answer
DNS_TIMEOUT = 10
REACTOR_THREADPOOL_MAXSIZE = 20  # a name that does not resolve holds a thread
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024  # bytes, packed and unpacked; no article's page is near it
DOWNLOAD_WARNSIZE = 0
DATELINE_WORKERS = 0  # processes that extract; 0 is one a core, three at most (crawler.workers)
DATELINE_MEMORY_MB = 500  # of all processes of a crawl together
RETRY_TIMES = 2
RETRY_HTTP_CODES = [408, 500, 502, 504, 522, 524]  # 429 and 503 are Patience's
RETRY_EXCEPTIONS = [  # not time-outs and names that do not resolve: the next run comes soon enough
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.ResponseDataLossError",
    "twisted.internet.error.ConnectionDone",
    "twisted.internet.error.ConnectionLost",
]
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # the run's own account names it

# What is said: our own lines; counts are in the stats and the run's report.
LOG_LEVEL = "INFO"
LOG_VERSIONS: list[str] = []
LOGSTATS_INTERVAL = 0
STATS_DUMP = False
DEFAULT_DROPITEM_LOG_LEVEL = "DEBUG"
