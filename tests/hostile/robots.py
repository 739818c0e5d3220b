"""robots.txt and its like that are no such files, have no end, or never come."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

from crawler.items import Outcome
from crawler.robotstxt import ROBOTS_PATH
from crawler.tdmrep import TDMREP_PATH
from tests.hostile.case import HTML, Answer, Case, Reply

TEXT = "text/plain"
LINE = b"Disallow: /nothing-of-this-is-here/\n"
HANGS_S = 60  # longer than any crawl waits


def _hangs(handler: BaseHTTPRequestHandler) -> None:
    """Takes the request and says nothing."""
    time.sleep(HANGS_S)


def _endless(*, wait_s: float) -> Callable[[BaseHTTPRequestHandler], None]:
    """A file without a length that goes on for as long as anyone reads it."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", TEXT)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        end = time.monotonic() + HANGS_S
        handler.wfile.write(b"User-agent: *\n")
        while time.monotonic() < end:
            handler.wfile.write(LINE if wait_s else LINE * 1000)
            time.sleep(wait_s)

    return answer


def _moved(where: str) -> Reply:
    return Reply(status=302, headers={"Location": where})


def _open(name: str, robots: Answer, **more: Answer) -> Case:
    """A site whose robots.txt forbids nothing that it is read for."""
    return Case(name=name, pages={ROBOTS_PATH: robots, **more})


def _shut(name: str, robots: Answer, says: str) -> Case:
    """A site of which nothing may be asked, as its robots.txt cannot be read now."""
    return Case(name=name, pages={ROBOTS_PATH: robots}, good=0, is_failing=True, says=says, most_requests=8)


CASES = (
    _shut("robots-that-hangs", _hangs, "robots.txt cannot be read now: timeout"),
    _shut("robots-that-drips", _endless(wait_s=0.5), "robots.txt cannot be read now: timeout"),
    _shut("robots-with-an-error", Reply(status=500), "robots.txt cannot be read now: HTTP status 500"),
    _shut(
        "robots-of-a-private-host",
        _moved("{private}/robots.txt"),
        "is not a public address",
    ),
    _open("robots-of-60-mb", Reply(body=b"User-agent: *\n" + LINE * (60_000_000 // len(LINE)), is_literal=True)),
    _open("robots-without-end", _endless(wait_s=0)),
    _open("robots-in-circles", _moved("/robots.txt")),
    _open("robots-as-a-page", Reply(body="<!doctype html><title>Oops</title><p>User-agent: none", kind=HTML)),
    _open("robots-as-a-picture", Reply(body=bytes(range(256)) * 400, kind="image/png", is_literal=True)),
    _open("robots-forbidden", Reply(status=403, body="User-agent: *\nDisallow: /")),
    Case(
        name="robots-with-late-rules",
        pages={
            ROBOTS_PATH: Reply(
                body=b"User-agent: *\nDisallow: /news/shut\n" + b"#\n" * 300_000 + b"Disallow: /\n", is_literal=True
            )
        },
        ends={"/news/shut-10001": Outcome.ROBOTS},
    ),
    Case(
        name="robots-of-many-stars",
        pages={
            ROBOTS_PATH: Reply(body="User-agent: *\n" + ("Disallow: /" + "*a*n*e*w*s" * 60 + "$\n") * 500),
        },
    ),
    Case(name="reservations-that-hang", pages={TDMREP_PATH: _hangs}),
    Case(name="reservations-without-end", pages={TDMREP_PATH: _endless(wait_s=0)}),
    Case(name="reservations-as-a-page", pages={TDMREP_PATH: Reply(body="<p>Nothing here", kind=HTML)}),
    Case(name="reservations-nested-deep", pages={TDMREP_PATH: Reply(body="[" * 100_000, kind="application/json")}),
    Case(name="reservations-elsewhere", pages={TDMREP_PATH: _moved("{private}/.well-known/tdmrep.json")}),
    Case(
        name="page-that-hides-in-a-header",
        pages={
            "/news/hidden-10001": Reply(
                body="<h1>Hidden</h1>" + "<p>The mill on the hill grinds for nobody but its own miller.</p>" * 9,
                headers={"X-Robots-Tag": "otherbot: index, " + "noarchive:" * 50 + "x, dateline: noindex"},
            )
        },
        ends={"/news/hidden-10001": Outcome.RESERVED},
    ),
)
