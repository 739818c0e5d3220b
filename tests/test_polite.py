"""How a host is asked, judged by the servers' own logs: one request at a time, never too soon, by name.

A server notes a request's end before it sends the answer's first bytes, so that no crawl that waits for the last ones
can look as if it had not.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crawler import __version__
from crawler.robotstxt import ROBOTS_PATH
from crawler.tdmrep import TDMREP_PATH
from tests.conftest import Result
from tests.hostile.articles import article
from tests.loopback import Reply

Dateline = Callable[..., Result]
LOCAL = ("--allow", "127.0.0.0/8")
TEXT = "text/plain"


@dataclass(frozen=True, slots=True)
class Visit:
    """A request as the server has it; moments are of the monotonic clock."""

    path: str
    agent: str | None
    began: float
    ended: float


@dataclass(slots=True)
class Outlet:
    """A running server, and its log."""

    base: str
    replies: dict[str, Reply | list[Reply]]
    visits: list[Visit] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        return [visit.path for visit in sorted(self.visits, key=lambda visit: visit.began)]

    def take(self, path: str) -> Reply:
        """The answer for a path; of several, the next one, and its last for ever."""
        found = self.replies.get(path, Reply(status=404))
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found


@contextmanager
def outlet(replies: Mapping[str, Reply | list[Reply]], host: str = "127.0.0.1") -> Iterator[Outlet]:
    """Serve these answers on a free port of a host until the block ends; ``{base}`` in them is the server's address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body go out in two parts

        def do_GET(self) -> None:
            began, reply = time.monotonic(), served.take(self.path)
            time.sleep(reply.wait_s)
            text = reply.body if isinstance(reply.body, bytes) else reply.body.replace("{base}", served.base).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": reply.kind, **reply.headers}.items():
                self.send_header(name, value.replace("{base}", served.base))
            self.send_header("Content-Length", str(len(text)))
            served.visits.append(Visit(self.path, self.headers["User-Agent"], began, time.monotonic()))
            self.end_headers()  # here the first bytes go out
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((host, 0), Handler)
    served = Outlet(f"http://{host}:{server.server_address[1]}", dict(replies))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def page(name: str) -> Reply:
    return Reply(body=article(name).html)


def feed(*paths: str) -> Reply:
    items = "".join(f"<item><link>{path if '://' in path else '{base}' + path}</link></item>" for path in paths)
    return Reply(kind="application/rss+xml", body=f"<rss version='2.0'><channel>{items}</channel></rss>")


def moved(where: str) -> Reply:
    return Reply(status=302, headers={"Location": where}, body="moved")


def gaps(visits: Sequence[Visit]) -> list[float]:
    """Seconds from the end of each request to the beginning of the next."""
    return [later.began - before.ended for before, later in itertools.pairwise(sorted(visits, key=lambda v: v.began))]


def most_at_once(visits: Sequence[Visit]) -> int:
    """The most requests that were under way at one moment."""
    moments = sorted([(visit.began, 1) for visit in visits] + [(visit.ended, -1) for visit in visits])
    return max(itertools.accumulate(step for _, step in moments))


def report_of(folder: Path) -> dict[str, object]:
    """The report of the only run."""
    (report,) = folder.glob("data/reports/*.json")
    told: dict[str, object] = json.loads(report.read_text())
    return told


NEWS = [f"/news/how-to-visit-politely-1000{number}" for number in range(6)]
BUSY_SITE = {
    ROBOTS_PATH: moved("/robots"),
    "/robots": Reply(kind=TEXT, body="User-agent: *\nDisallow: /closed/\nSitemap: {base}/map.xml\n"),
    TDMREP_PATH: Reply(kind="application/json", body="[]"),
    "/": Reply(
        body=f"<link rel=alternate type=application/rss+xml href=/feed><a href={NEWS[4]}>An article of ours</a>"
    ),
    "/feed": feed(*NEWS[:4], "/moved-0", "/closed/a-10001"),
    "/map.xml": Reply(kind="application/xml", body=f"<urlset><url><loc>{{base}}{NEWS[5]}</loc></url></urlset>"),
    "/moved-0": moved("/moved-1"),
    "/moved-1": moved("/news/how-to-move-politely-10007"),
    "/news/how-to-move-politely-10007": page("polite"),
    **{path: page(path) for path in NEWS},
    NEWS[1]: [Reply(status=504), Reply(status=504), page(NEWS[1])],
    NEWS[2]: [Reply(status=429, headers={"Retry-After": "1"}), page(NEWS[2])],
}


def slowed(replies: Mapping[str, Reply | list[Reply]], wait_s: float) -> dict[str, Reply | list[Reply]]:
    """The same site on a slow server."""
    return {
        path: [replace(one, wait_s=wait_s) for one in reply]
        if isinstance(reply, list)
        else replace(reply, wait_s=wait_s)
        for path, reply in replies.items()
    }


def test_host_is_never_asked_two_things_at_once(tmp_path: Path, dateline: Dateline) -> None:
    with outlet(slowed(BUSY_SITE, 0.03)) as site:
        result = dateline("crawl", f"{site.base}/", *LOCAL, "--delay", "0")
    assert result.code == 0, result.err
    assert report_of(tmp_path)["saved"] == 7
    assert {ROBOTS_PATH, "/robots", TDMREP_PATH, "/feed", "/moved-1", *NEWS} <= set(site.asked)
    assert site.asked.count(NEWS[1]) == 3
    assert most_at_once(site.visits) == 1


def test_host_is_never_asked_sooner_than_its_delay_after_the_last_answer(tmp_path: Path, dateline: Dateline) -> None:
    with outlet(slowed(BUSY_SITE, 0.1)) as site:
        result = dateline("crawl", f"{site.base}/", *LOCAL, "--delay", "0.25")
    assert result.code == 0, result.err
    assert report_of(tmp_path)["saved"] == 7
    assert min(gaps(site.visits)) >= 0.25


def test_crawl_delay_counts_from_robots_txt_on_where_it_is_longer(dateline: Dateline) -> None:
    robots = Reply(kind=TEXT, body="User-agent: *\nCrawl-delay: 0.4\n")
    with outlet({**BUSY_SITE, ROBOTS_PATH: robots}) as site:
        assert dateline("crawl", f"{site.base}/feed", *LOCAL, "--delay", "0.1").code == 0
    assert site.asked[0] == ROBOTS_PATH
    assert min(gaps(site.visits)) >= 0.4


def test_retry_after_is_waited_for_by_all_of_the_host(dateline: Dateline) -> None:
    busy = [Reply(status=429, headers={"Retry-After": "1"}), page(NEWS[0])]
    with outlet({"/feed": feed(*NEWS), **{path: page(path) for path in NEWS}, NEWS[0]: busy}) as site:
        assert dateline("crawl", f"{site.base}/feed", *LOCAL, "--delay", "0").code == 0
    at = site.asked.index(NEWS[0])
    assert gaps(site.visits)[at] >= 1
    assert site.asked.count(NEWS[0]) == 2


def test_ports_of_a_host_and_sources_that_share_it_have_one_queue(tmp_path: Path, dateline: Dateline) -> None:
    with ExitStack() as stack:
        sites = [
            stack.enter_context(
                outlet({"/feed": feed(*paths), "/more": feed(*paths), **{path: page(path) for path in paths}})
            )
            for paths in (NEWS[:3], NEWS[3:])
        ]
        tables = (
            f'[one]\nurl = "{sites[0].base}/feed"\ndelay = 0.05\n',
            f'[two]\nurl = "{sites[1].base}/feed"\ndelay = 0.3\n',
            f'[three]\nurl = "{sites[1].base}/more"\n',
        )
        (tmp_path / "sites.toml").write_text("\n".join(tables))
        result = dateline("crawl", "--sources", "sites.toml", *LOCAL, "--delay", "0.2")
    assert result.code == 0, result.err
    assert report_of(tmp_path)["saved"] == 6
    visits = sorted([*sites[0].visits, *sites[1].visits], key=lambda visit: visit.began)
    assert most_at_once(visits) == 1
    assert min(gaps(visits)[3:]) >= 0.3  # from when all three sources have asked for something: the longest delay
    assert min(gaps(visits)) >= 0.05


def test_redirect_to_another_host_waits_for_its_turn_there(tmp_path: Path, dateline: Dateline) -> None:
    with outlet({path: page(path) for path in NEWS[:3]}, "127.0.0.2") as other:
        here = {f"/go-{n}": moved(f"{other.base}{path}") for n, path in enumerate(NEWS[:3])}
        robots = {ROBOTS_PATH: moved(f"{other.base}/robots-of-one")}
        with outlet({"/feed": feed(*here, *(other.base + path for path in NEWS[:3])), **here, **robots}) as site:
            (tmp_path / "sites.toml").write_text(f'[one]\nurl = "{site.base}/feed"\nhosts = ["127.0.0.2"]\n')
            result = dateline("crawl", "--sources", "sites.toml", *LOCAL, "--delay", "0.2")
    assert result.code == 0, result.err
    assert report_of(tmp_path)["saved"] == 3
    assert "/robots-of-one" in other.asked
    assert ROBOTS_PATH in other.asked
    for visits in (site.visits, other.visits):
        assert most_at_once(visits) == 1
        assert min(gaps(visits)) >= 0.2


def test_every_request_says_who_asks_and_how_to_reach_us(dateline: Dateline) -> None:
    with outlet(BUSY_SITE) as site:
        dateline("crawl", f"{site.base}/", *LOCAL, "--delay", "0", "--contact", "https://example.org/bot")
    assert {ROBOTS_PATH, TDMREP_PATH} <= set(site.asked)
    assert {visit.agent for visit in site.visits} == {f"Dateline/{__version__} (+https://example.org/bot)"}


SHUT = Reply(status=403, body="Go away")
MANY = [f"/news/shut-{number}" for number in range(12)]


def test_host_that_forbids_page_after_page_is_left_alone_and_nothing_held_against_the_pages(
    tmp_path: Path, dateline: Dateline
) -> None:
    with outlet({"/feed": feed(*MANY), **dict.fromkeys(MANY, SHUT)}) as site:
        for run in range(1, 5):
            result = dateline("crawl", f"{site.base}/feed", *LOCAL, "--delay", "0")
            assert [path for path in site.asked if path in MANY] == MANY[:5] * run  # also after as many tries as count
        assert "127.0.0.1 answered 5 pages in a row with HTTP status 403" in result.err
        reports = [json.loads(path.read_text()) for path in sorted(tmp_path.glob("data/reports/*.json"))]
        assert [report["outcomes"] for report in reports] == [{"deferred": 12}] * 4
        assert [list(report["paused"]) for report in reports] == [["127.0.0.1"]] * 4
        site.replies.update({path: page(path) for path in MANY})
        assert dateline("crawl", f"{site.base}/feed", *LOCAL, "--delay", "0").out.startswith("12 found, 12 saved")


def test_host_that_forbids_single_pages_is_read_on(tmp_path: Path, dateline: Dateline) -> None:
    good = {path: page(path) for path in MANY[4::4]}
    with outlet({"/feed": feed(*MANY), **dict.fromkeys(MANY, SHUT), **good}) as site:
        result = dateline("crawl", f"{site.base}/feed", *LOCAL, "--delay", "0")
    assert result.err == ""
    report = report_of(tmp_path)
    assert report["outcomes"] == {"HTTP status": 10, "saved": 2}
    assert report["paused"] == {}


def test_host_that_is_busy_again_and_again_is_left_alone(tmp_path: Path, dateline: Dateline) -> None:
    busy = Reply(status=429, headers={"Retry-After": "0"})
    with outlet({"/feed": feed(*MANY), **dict.fromkeys(MANY, busy)}) as site:
        result = dateline("crawl", f"{site.base}/feed", *LOCAL, "--delay", "0")
    assert "127.0.0.1 answered 5 times in a row that it is busy" in result.err
    assert report_of(tmp_path)["outcomes"] == {"deferred": 12}
    assert [path for path in site.asked if path in MANY] == MANY[:5]


def test_host_that_asks_to_come_back_much_later_is_left_at_once(tmp_path: Path, dateline: Dateline) -> None:
    busy = Reply(status=503, headers={"Retry-After": "3600"})
    with outlet({"/feed": feed(*MANY), **dict.fromkeys(MANY, busy)}) as site:
        result = dateline("crawl", f"{site.base}/feed", *LOCAL, "--delay", "0")
    assert "127.0.0.1 asks to come back in 3600 s" in result.err
    assert report_of(tmp_path)["outcomes"] == {"deferred": 12}
    assert len([path for path in site.asked if path in MANY]) == 1


@pytest.mark.parametrize("status", [500, 404])
def test_reservations_that_cannot_be_read_hold_nothing_up(tmp_path: Path, dateline: Dateline, status: int) -> None:
    replies = {"/feed": feed(*NEWS), **{path: page(path) for path in NEWS}, TDMREP_PATH: Reply(status=status)}
    with outlet(replies) as site:
        for _ in range(2):
            assert dateline("crawl", f"{site.base}/feed", *LOCAL, "--delay", "0").code == 0
    assert site.asked.count(TDMREP_PATH) == 1
    assert sum(json.loads(path.read_text())["saved"] for path in tmp_path.glob("data/reports/*.json")) == 6


def test_busy_answer_to_the_question_for_reservations_is_the_hosts(tmp_path: Path, dateline: Dateline) -> None:
    busy = Reply(status=503, headers={"Retry-After": "3600"})
    with outlet({"/feed": feed(NEWS[0]), NEWS[0]: page(NEWS[0]), TDMREP_PATH: busy}) as site:
        dateline("crawl", f"{site.base}/feed", *LOCAL, "--delay", "0")
    assert site.asked == [ROBOTS_PATH, "/feed", TDMREP_PATH]
    assert report_of(tmp_path)["outcomes"] == {"deferred": 1}
