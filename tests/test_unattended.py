"""Crawls that nobody watches: budgets of time, runs every so often, the log, and the files that are shipped."""

from __future__ import annotations

import configparser
import json
import logging
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest

from crawler.cli import build_parser
from crawler.commands.logs import LogFile
from crawler.state import State
from tests.conftest import PUBLISHED, Answer, Result, SmallSite, article_html, command_of, records_in
from tests.newspaper import Newspaper, serve

Dateline = Callable[..., Result]
LOCAL = ("--allow", "127.0.0.0/8", "--delay", "0")
ARTICLE = "/news/bridge-closed-after-the-storm.html"
SHIPPED = Path(__file__).parents[1] / "docs" / "unattended"
WAIT_S = 60


def wait_for(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


@contextmanager
def running(folder: Path, *arguments: object) -> Iterator[subprocess.Popen[bytes]]:
    """The command while the block runs; its stderr in a file ``err``, its stdout in ``out``."""
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(command_of(*arguments), cwd=folder, stdout=out, stderr=err)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(WAIT_S)


def stop(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(15)  # what is promised


def reports(folder: Path) -> list[dict[str, object]]:
    found = [json.loads(path.read_text("utf-8")) for path in folder.glob("data/reports/*.json")]
    return sorted(found, key=lambda report: str(report["started"]))


def newspaper_crawl(newspaper: Newspaper, *arguments: object) -> list[object]:
    return ["crawl", *newspaper.front_pages, "--allow", "127.0.0.0/8", "--output", "out.jsonl", *arguments]


# a budget of time, and the end by a signal


def test_a_run_whose_time_is_over_ends_well_and_the_next_one_goes_on(dateline: Dateline, tmp_path: Path) -> None:
    with serve() as newspaper:
        cut = dateline(*newspaper_crawl(newspaper, "--delay", "1", "--max-time", "3s"))
        assert (cut.code, cut.err) == (0, "")
        assert "; stopped when its time (--max-time) was over; the next run goes on" in cut.out.splitlines()[0]
        assert dateline(*newspaper_crawl(newspaper, "--delay", "0")).code == 0
        expected = len(newspaper.expected())
    records = records_in(tmp_path / "out.jsonl")
    assert len({record["id"] for record in records}) == len(records) == expected
    (first, _) = reports(tmp_path)
    assert sum(first["outcomes"].values()) == first["found"]  # type: ignore[attr-defined]


def test_a_signal_while_a_run_is_starting_stops_it(tmp_path: Path, small_site: SmallSite) -> None:
    small_site.answers[ARTICLE] = Answer(article_html(head=PUBLISHED))
    lock = tmp_path / "data" / "lock"
    with running(tmp_path, "crawl", f"{small_site.url}{ARTICLE}", *LOCAL) as process:
        wait_for(lambda: lock.exists() and lock.read_text() == f"{process.pid}\n")
        assert stop(process) == 143
    (report,) = reports(tmp_path)
    assert report["finish_reason"] == "shutdown"  # not "finished", and then waited for until it was cut off


def test_a_run_that_nobody_listens_to_any_more_is_stopped_as_any_other(tmp_path: Path) -> None:
    with (
        serve() as newspaper,
        subprocess.Popen(
            command_of(*newspaper_crawl(newspaper, "--delay", "1")),
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        wait_for((tmp_path / "out.jsonl").exists)
        assert process.stderr is not None
        process.stderr.close()
        assert stop(process) == 143
    assert [report["finish_reason"] for report in reports(tmp_path)] == ["shutdown"]


def test_a_run_that_ends_before_its_time_says_nothing_of_it(dateline: Dateline, small_site: SmallSite) -> None:
    small_site.answers[ARTICLE] = Answer(article_html(head=PUBLISHED))
    result = dateline("crawl", f"{small_site.url}{ARTICLE}", *LOCAL, "--max-time", "1h")
    assert (result.code, result.out.splitlines()[0]) == (0, "1 found, 1 saved, 0 refused")


@pytest.fixture
def silent_site() -> Iterator[str]:
    """A site that takes requests and does not answer while the test runs."""
    is_over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/robots.txt":
                self.send_error(404)
            else:
                is_over.wait(WAIT_S)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    is_over.set()
    server.shutdown()
    server.server_close()


def test_a_site_that_does_not_answer_holds_up_no_stop(
    tmp_path: Path, small_site: SmallSite, silent_site: str, dateline: Dateline
) -> None:
    small_site.answers[ARTICLE] = Answer(article_html(head=PUBLISHED))
    small_site.answers["/"] = Answer(f'<html><title>Paper</title><a href="{ARTICLE}">The bridge</a></html>'.encode())
    crawl = ("crawl", silent_site, f"{small_site.url}/", "--output", "out.jsonl", *LOCAL)
    with running(tmp_path, *crawl) as process:
        wait_for(lambda: ARTICLE in small_site.asked)
        assert stop(process) == 143
    dateline("crawl", f"{small_site.url}/", "--output", "out.jsonl", *LOCAL)
    assert len(records_in(tmp_path / "out.jsonl")) == 1


# a crawl every so often


def test_runs_come_every_so_often_whatever_becomes_of_one(tmp_path: Path, small_site: SmallSite) -> None:
    """The first finds the folder locked, the second no article, the third one."""
    state = State(tmp_path / "data")
    with running(tmp_path, "crawl", f"{small_site.url}{ARTICLE}", *LOCAL, "--every", "1s") as process:
        wait_for(lambda: b"another run (process" in (tmp_path / "err").read_bytes())
        state.close()
        wait_for(lambda: reports(tmp_path))
        small_site.answers[ARTICLE] = Answer(article_html(head=PUBLISHED))
        wait_for(lambda: any((tmp_path / "data" / "articles").glob("*.jsonl")))
        wait_for(lambda: b"1 found, 1 saved" in (tmp_path / "out").read_bytes())
        assert process.poll() is None
        assert stop(process) == 143
    ran = reports(tmp_path)
    assert ran[0]["outcomes"] != {"saved": 1}
    assert all(str(one["finished"]) <= str(other["started"]) for one, other in pairwise(ran))
    State(tmp_path / "data").close()  # no run is left behind


def test_a_signal_ends_the_run_that_is_under_way_and_the_rest(tmp_path: Path, dateline: Dateline) -> None:
    with serve() as newspaper:
        with running(tmp_path, *newspaper_crawl(newspaper, "--delay", "0.1", "--every", "1h")) as process:
            wait_for(lambda: (tmp_path / "out.jsonl").exists() and (tmp_path / "out.jsonl").stat().st_size)
            assert stop(process) == 143
        assert len(reports(tmp_path)) == 1
        assert dateline(*newspaper_crawl(newspaper, "--delay", "0")).code == 0
        expected = len(newspaper.expected())
    records = records_in(tmp_path / "out.jsonl")
    assert len({record["id"] for record in records}) == len(records) == expected


def test_a_command_that_cannot_be_used_is_not_repeated(dateline: Dateline) -> None:
    result = dateline("crawl", "--sources", "none.toml", "--every", "1s")
    assert (result.code, len(result.errors)) == (2, 1)
    assert "none.toml" in result.err


# the log


def test_with_a_log_nothing_is_said_on_the_standard_output(
    dateline: Dateline, tmp_path: Path, small_site: SmallSite
) -> None:
    small_site.answers[ARTICLE] = Answer(article_html(head=PUBLISHED))
    result = dateline("crawl", f"{small_site.url}{ARTICLE}", *LOCAL, "--log", "log/dateline.log")
    assert (result.code, result.out, result.err) == (0, "", "")
    lines = (tmp_path / "log" / "dateline.log").read_text("utf-8").splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ [A-Z]+ [\w.]+: ", line) for line in lines)
    (article,) = (tmp_path / "data" / "articles").iterdir()
    assert lines[-1].endswith(f" INFO crawler.commands.summary: 1 found, 1 saved, 0 refused; {article}")


def test_a_log_that_cannot_be_written_ends_with_code_74(
    dateline: Dateline, tmp_path: Path, small_site: SmallSite
) -> None:
    result = dateline("crawl", small_site.url, *LOCAL, "--log", tmp_path)
    assert (result.code, len(result.errors)) == (74, 1)
    assert small_site.asked == []


def test_a_log_begins_anew_at_its_size_and_the_oldest_lines_go(tmp_path: Path) -> None:
    handler = LogFile(tmp_path / "log", maxBytes=1000, backupCount=2, encoding="utf-8")
    for number in range(100):
        handler.emit(logging.makeLogRecord({"name": "a", "levelname": "INFO", "msg": f"line {number}\x1b[31m"}))
    handler.close()
    files = [tmp_path / name for name in ("log.2", "log.1", "log")]
    assert sorted(tmp_path.iterdir()) == sorted(files)
    assert all(path.stat().st_size <= 1000 for path in files)
    lines = [line for path in files for line in path.read_text().splitlines()]
    assert [line.split(": ", 1)[1] for line in lines] == [f"line {n} [31m" for n in range(100 - len(lines), 100)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_log_that_a_full_disk_refuses_is_told_once() -> None:
    code = (
        "import logging; from crawler.commands.logs import LogFile; h = LogFile('/dev/full', mode='a')\n"
        "for n in range(3): h.emit(logging.makeLogRecord({'msg': 'x'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert done.stderr.splitlines()[0] == "dateline: /dev/full: the log cannot be written; going on without it"
    assert done.stderr.count("going on without it") == 1


# what is shipped


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=True, interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign, assignment]
    parser.read_string((SHIPPED / name).read_text("utf-8"))
    return parser


def assert_our_command(command: str) -> None:
    program, *arguments = shlex.split(command)
    assert program.endswith(".venv/bin/dateline")
    options = build_parser().parse_args(arguments)
    assert options.max_time == 50 * 60


def test_the_service_runs_our_command_and_is_bounded() -> None:
    service = unit("dateline.service")["Service"]
    assert_our_command(service["ExecStart"])
    assert service["Type"] == "oneshot"
    assert (service["TimeoutStopSec"], service["KillMode"]) == ("20", "mixed")
    assert service["MemoryMax"] == "700M"
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["StateDirectory"]) == (
        "yes",
        "strict",
        "dateline",
    )
    assert set(service["SuccessExitStatus"].split()) == {"75", "143"}


def test_the_timer_makes_up_for_a_missed_run() -> None:
    timer = unit("dateline.timer")
    assert (timer["Timer"]["OnCalendar"], timer["Timer"]["Persistent"]) == ("*-*-* *:17:00", "yes")
    assert timer["Install"]["WantedBy"] == "timers.target"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    text = (SHIPPED / "dateline.service").read_text("utf-8")
    (tmp_path / "dateline.service").write_text(text.replace("/opt/dateline/.venv/bin/dateline", sys.executable))
    shutil.copy(SHIPPED / "dateline.timer", tmp_path)
    units = [str(tmp_path / name) for name in ("dateline.service", "dateline.timer")]
    command = ["systemd-analyze", "verify", "--man=no", *units]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "file", [SHIPPED / "crontab", SHIPPED.parent / "unattended.md", SHIPPED.parents[1] / "README.md"]
)
def test_the_crontab_lines_run_our_command(file: Path) -> None:
    lines = re.findall(r"^(?: {4})?((?:[\d*/,-]+ ){4}[\d*/,-]+) +(.+)$", file.read_text("utf-8"), re.MULTILINE)
    assert len(lines) == 1
    (_, command), *_ = lines
    move, _, crawl = command.partition(" && ")
    assert move == "cd /srv/news"
    assert "%" not in crawl  # cron reads it as a newline
    assert_our_command(crawl)
