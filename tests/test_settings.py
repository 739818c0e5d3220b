"""The settings that keep an unattended crawl safe and polite, and the parts that act on them."""

import asyncio
import datetime as dt
import math

import pytest
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
    IgnoreRequest,
    UnsupportedURLSchemeError,
)
from scrapy.settings import Settings, default_settings
from scrapy.utils.misc import load_object
from scrapy.utils.test import get_crawler

from crawler import __version__
from crawler import settings as ours
from crawler.cli import build_parser
from crawler.commands.crawling import settings_of
from crawler.failures import NotFetched, RefusedAddress, outcome_of
from crawler.items import Outcome
from crawler.middlewares import retry_after_s
from crawler.robots import RobotsGate, read_robots
from spiders.news import NewsSpider


def test_every_setting_is_one_that_scrapy_or_we_know() -> None:
    names = {name for name in vars(ours) if name.isupper()}
    assert [name for name in names if not name.startswith("DATELINE_") and not hasattr(default_settings, name)] == []


def test_every_component_that_is_named_exists() -> None:
    paths = [*ours.ITEM_PIPELINES, *ours.EXTENSIONS, *ours.DOWNLOADER_MIDDLEWARES, *ours.RETRY_EXCEPTIONS]
    assert all(load_object(path) for path in [*paths, ours.TWISTED_DNS_RESOLVER])


def test_doors_are_closed_and_bounds_are_set() -> None:
    settings = Settings()
    settings.setmodule(ours)
    closed = ("REMOTE_CONTROL_ENABLED", "TELNETCONSOLE_ENABLED", "COOKIES_ENABLED", "HTTPPROXY_ENABLED")
    assert not any(settings.getbool(name) for name in closed)
    assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
    assert settings.getint("DOWNLOAD_TIMEOUT") == 30
    assert settings.getint("REDIRECT_MAX_TIMES") == 5
    assert 0 < settings.getint("DOWNLOAD_MAXSIZE") <= 20_000_000
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme for scheme, handler in handlers.items() if handler} == {"http", "https"}


def test_an_answer_has_its_time_by_default_and_as_told() -> None:
    def timeout_s(*options: str) -> float:
        asked = build_parser().parse_args(["crawl", "https://example.org/", *options])
        return settings_of(asked, []).getfloat("DOWNLOAD_TIMEOUT")

    assert (timeout_s(), timeout_s("--timeout", "1m")) == (30, 60)


def test_contact_becomes_scrapys_own() -> None:
    settings = Settings({"DATELINE_CONTACT": "news@example.org"})
    NewsSpider.update_settings(settings)
    assert settings["USER_AGENT"] == f"Dateline/{__version__} (+news@example.org)"


def test_closed_host_raises_an_error_of_its_own_for_each_request() -> None:
    gate = RobotsGate(get_crawler(settings_dict={"DATELINE_ROBOTS_OBEY": True, "USER_AGENT": "x"}))

    async def refusals() -> list[NotFetched]:
        rules = asyncio.get_running_loop().create_future()
        rules.set_result((read_robots(503, b"", "x"), math.inf))
        gate._rules._tasks["https://e.org"] = rules
        asked = [gate.process_request(Request(f"https://e.org/{n}")) for n in range(2)]
        return [
            error for error in await asyncio.gather(*asked, return_exceptions=True) if isinstance(error, NotFetched)
        ]

    one, other = asyncio.run(refusals())
    assert str(one) == str(other) == "robots.txt cannot be read now: HTTP status 503"
    assert one is not other


@pytest.mark.parametrize("value", [None, b"", b"soon", b"-5", b"1.5", b"\xff", b"1 Jan 99999999999 0:0:0"])
def test_retry_after_that_says_nothing_is_nothing(value: bytes | None) -> None:
    assert retry_after_s(value, dt.datetime(2025, 4, 26, tzinfo=dt.UTC)) is None


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (DownloadTimeoutError(), Outcome.TIMEOUT),
        (DownloadCancelledError(), Outcome.TOO_BIG),
        (CannotResolveHostError(), Outcome.UNREACHABLE),
        (IgnoreRequest("max redirections reached"), Outcome.HTTP_STATUS),
        (UnsupportedURLSchemeError(), Outcome.REFUSED_ADDRESS),
        (RefusedAddress("x"), Outcome.REFUSED_ADDRESS),
        (ValueError("a bug"), Outcome.UNREACHABLE),
    ],
)
def test_every_failure_has_an_outcome(error: Exception, outcome: Outcome) -> None:
    assert outcome_of(error)[0] is outcome
