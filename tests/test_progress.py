"""What a crawl says while it goes on: in a real terminal, in a log, to a machine; and how Ctrl-C ends it."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from crawler.commands.crawling import CUT_OFF, STOPPED, STOPPING
from crawler.live import Snapshot, display, line
from crawler.pace import Wait
from tests.conftest import PUBLISHED, Answer, Result, SmallSite, article_html, command_of, records_in
from tests.loopback import Reply, serving
from tests.newspaper import Newspaper, serve
from tests.terminal import CTRL_C, HIDE_CURSOR, SHOW_CURSOR, terminal

Dateline = Callable[..., Result]
LOCAL = ("--allow", "127.0.0.0/8", "--delay", "0")
ARTICLE = "/news/bridge-closed-after-the-storm.html"
FERRY = "/news/ferry-that-never-comes-again.html"
WAITING = (
    Wait(host="slow.example.org", requests=0, for_s=25.2, is_paused=True),
    Wait(host="example.org", requests=41, for_s=8.7, is_paused=False),
    Wait(host="\x1b[31mexample.net\u202e", requests=0, for_s=0, is_paused=False),
    Wait(host="example.com", requests=3, for_s=0.2, is_paused=False),
)
WAITED_FOR = (
    "slow.example.org (asked for a pause, 25 s more), example.org (41 in line, next in 9 s), "
    "[31mexample.net (its answer), 1 more"
)
NOW = Snapshot(
    elapsed_s=3725.4,
    sources=20,
    done=12,
    found=1502,
    to_go=480,
    saved=950,
    refused=72,
    fetched=1341,
    fetched_per_s=5.24,
    workers=2,
    busy=1,
    memory_mb=310,
    most_memory_mb=500,
    waiting=WAITING,
)


def drawn(now: Snapshot, columns: int) -> list[str]:
    """The display on a terminal of so many columns, as lines of text."""
    console = Console(file=io.StringIO(), width=columns, force_terminal=True, color_system=None)
    console.print(display(now))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def newspaper_crawl(newspaper: Newspaper, *arguments: object) -> list[str]:
    local = ("--allow", "127.0.0.0/8", "--output", "out.jsonl")
    return command_of("crawl", *newspaper.front_pages, *local, *arguments)


def events(text: str) -> list[dict[str, Any]]:
    """The objects of a log, each line one."""
    return [json.loads(line) for line in text.splitlines()]


# the display


def test_the_display_tells_what_was_done_how_fast_and_what_is_waited_for() -> None:
    assert drawn(NOW, 160)[0].endswith("12 of 20 sources  1:02:05  ".rstrip())
    assert drawn(NOW, 160)[1:] == [
        "1,341 pages fetched  ·  5.2 a second  ·  950 saved  ·  72 refused  ·  480 to go",
        "1 of 2 workers busy  ·  310 of 500 MB of memory",
        f"waits for {WAITED_FOR}",
    ]


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_the_display_has_four_lines_on_every_terminal(columns: int) -> None:
    for now in (
        NOW,
        replace(NOW, sources=0, done=0, workers=0, memory_mb=0, waiting=()),
        replace(NOW, is_stopping=True),
    ):
        lines = drawn(now, columns)
        assert len(lines) == 4
        assert all(len(line) <= columns for line in lines)


def test_a_log_is_told_the_same_in_one_line() -> None:
    counts = "1,341 pages fetched (5.2 a second), 1,502 found, 950 saved, 72 refused, 480 to go, 310 MB"
    assert line(NOW) == f"12 of 20 sources, {counts}; waits for {WAITED_FOR}"


# in a terminal


def test_a_terminal_shows_the_crawl_and_is_left_as_it_was(tmp_path: Path) -> None:
    with serve() as newspaper, terminal(newspaper_crawl(newspaper, "--delay", "0.1"), tmp_path) as screen:
        screen.wait_for("of 3 sources")
        assert screen.end() == 0
    shown = [line.rstrip() for line in screen.text.splitlines()]
    assert any(re.fullmatch(r"━+.*  3 of 3 sources  0:00:\d\d|━+.*  2 of 3 sources  0:00:\d\d", line) for line in shown)
    assert any(re.fullmatch(r"waits for (127\.0\.0\.\d \(.*)", line) for line in shown)
    assert any(re.fullmatch(r"[012] of \d workers busy  ·  \d+ of 500 MB of memory", line) for line in shown)
    assert shown[-1] == str(tmp_path / "out.jsonl")
    assert screen.shown.rfind(HIDE_CURSOR) < screen.shown.rfind(SHOW_CURSOR)


def test_ctrl_c_finishes_what_is_under_way_and_says_so(tmp_path: Path, dateline: Dateline) -> None:
    with serve() as newspaper:
        with terminal(newspaper_crawl(newspaper, "--delay", "0.2"), tmp_path) as screen:
            screen.wait_for("7 saved")
            screen.type(CTRL_C)
            screen.wait_for(" ".join(STOPPING.split()[:4]))
            assert screen.end() == 130
        assert f"dateline: {STOPPED}" in screen.text.replace("\n", " ")
        assert screen.shown.rfind(HIDE_CURSOR) < screen.shown.rfind(SHOW_CURSOR)
        assert len(records_in(tmp_path / "out.jsonl")) >= 7
        local = ("--allow", "127.0.0.0/8", "--delay", "0", "--output", "out.jsonl")
        assert dateline("crawl", *newspaper.front_pages, *local).code == 0
        assert len({r["id"] for r in records_in(tmp_path / "out.jsonl")}) == len(newspaper.expected())


def test_ctrl_c_twice_ends_at_once_and_loses_nothing(tmp_path: Path, dateline: Dateline) -> None:
    bridge, ferry = (Reply(body=article_html(title, head=PUBLISHED)) for title in ("Bridge closed", "Ferry starts"))
    front = Reply(body=f'<a href="{ARTICLE}">The bridge</a> <a href="{FERRY}">The ferry</a>')
    with serving({"/": front, ARTICLE: bridge, FERRY: replace(ferry, wait_s=20)}) as site:
        crawl = ("crawl", f"{site.base}/", *LOCAL, "--output", "out.jsonl")
        with terminal(command_of(*crawl), tmp_path) as screen:
            screen.wait_until(lambda: FERRY in site.asked)
            screen.type(CTRL_C)
            screen.wait_for("stopping: ")
            screen.type(CTRL_C)
            assert screen.end() == 130
        assert f"dateline: {CUT_OFF}" in " ".join(screen.text.split())
        assert screen.shown.rfind(HIDE_CURSOR) < screen.shown.rfind(SHOW_CURSOR)
        site.replies[FERRY] = ferry
        assert dateline(*crawl).code == 0
    assert sorted(r["title"] for r in records_in(tmp_path / "out.jsonl")) == ["Bridge closed", "Ferry starts"]


# elsewhere


def run_with_short_minutes(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command, whose minutes are shorter than ours."""
    code = "import sys; from crawler import progress; progress.LOGGED_EVERY_S = 0.3; from crawler.cli import main; "
    command = [sys.executable, "-c", f"{code}sys.exit(main(sys.argv[1:]))", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("option", "has_lines"), [((), True), (("--quiet",), False), (("--log", "log"), False)])
def test_without_a_terminal_there_is_a_line_a_minute(
    tmp_path: Path, option: tuple[str, ...], *, has_lines: bool
) -> None:
    with serve() as newspaper:
        local = ("--allow", "127.0.0.0/8", "--delay", "0.1")
        done = run_with_short_minutes(tmp_path, "crawl", *newspaper.front_pages, *local, *option)
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    assert bool(lines) is has_lines
    assert all(re.match(r"dateline: [0-3] of 3 sources, \d+ pages fetched \(", line) for line in lines)
    assert (
        ("of 3 sources, " in (tmp_path / "log").read_text()) if "--log" in option else not (tmp_path / "log").exists()
    )


def test_a_machine_is_told_all_in_objects_the_summary_last(tmp_path: Path, small_site: SmallSite) -> None:
    small_site.answers[ARTICLE] = Answer(article_html(head=PUBLISHED))
    arguments = ("crawl", f"{small_site.url}{ARTICLE}", f"{small_site.url}/missing", *LOCAL, "--json-log")
    done = run_with_short_minutes(tmp_path, *arguments)
    told = events(done.stderr)
    assert done.returncode == 1
    assert all(list(event) == ["time", "level", "event", "message", "fields"] for event in told)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["time"]) for event in told)
    (warning,) = [event for event in told if event["level"] == "warning"]
    assert warning["message"] == f"{small_site.url}/missing: HTTP status 404"
    summary = told[-1]
    (article,) = (tmp_path / "data" / "articles").iterdir()
    assert (summary["event"], summary["fields"]["exit_code"], summary["fields"]["saved"]) == ("summary", 1, 1)
    assert summary["fields"]["files"] == {str(article): 1}
    assert done.stdout.splitlines()[-1] == str(article)  # what people are told stays


def test_a_machine_is_told_of_progress_and_of_a_stop(tmp_path: Path) -> None:
    with serve() as newspaper:
        command = newspaper_crawl(newspaper, "--delay", "0.2", "--json-log")
        with terminal(command, tmp_path, columns=80) as screen:  # also where a person could see it
            screen.wait_for('"event": "message"')
            screen.type(CTRL_C)
            assert screen.end() == 130
    lines = (line.removeprefix("^C") for line in screen.text.splitlines())  # which a terminal shows for the key
    told = [json.loads(line) for line in lines if line.startswith("{")]
    messages = [event["message"] for event in told]
    assert STOPPING in messages
    assert messages[-2] == STOPPED
    assert told[-1]["event"] == "summary"
    assert told[-1]["fields"]["note"] == STOPPED
    assert HIDE_CURSOR not in screen.shown


def test_what_progress_tells_a_machine(tmp_path: Path) -> None:
    with serve() as newspaper:
        local = ("--allow", "127.0.0.0/8", "--delay", "0.1", "--json-log")
        done = run_with_short_minutes(tmp_path, "crawl", *newspaper.front_pages, *local)
    progress = [event["fields"] for event in events(done.stderr) if event["event"] == "progress"]
    assert {"sources", "sources_done", "fetched", "saved", "to_go", "workers_busy", "waiting"} <= set(progress[0])
    assert all(fields["sources"] == 3 for fields in progress)
    assert [f["fetched"] for f in progress] == sorted(f["fetched"] for f in progress)


@pytest.mark.parametrize("quiet", [True, False])
def test_an_error_that_ends_the_command_is_an_object_too(dateline: Dateline, *, quiet: bool) -> None:
    result = dateline("crawl", "--sources", "none.toml", "--json-log", *(["--quiet"] if quiet else []))
    (told,) = events(result.err)
    assert (result.code, told["level"], told["event"]) == (2, "error", "message")
    assert told["message"].startswith("none.toml: cannot be read")


def test_a_crash_is_told_as_an_object(tmp_path: Path) -> None:
    code = "from crawler.terminal import speak_json; speak_json(); int('\\x1b[31m')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    (told,) = events(done.stderr)
    assert (done.returncode, told["event"], told["level"]) == (1, "crash", "critical")
    assert "Traceback" in told["fields"]["traceback"]
