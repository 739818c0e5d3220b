"""Crawls whose state is on a PostgreSQL server, and the commands that look at it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.cli import main
from crawler.identity import canonical_key
from crawler.state import Url
from crawler.state.reading import rows_of
from tests.conftest import Result, command_of, records_in
from tests.newspaper import Newspaper, serve
from tests.postgres import fresh_url

LOCAL = ("--allow", "127.0.0.0/8")


def start(newspaper: Newspaper, data: Path, url: Url, delay_s: float) -> subprocess.Popen[str]:
    options = (*LOCAL, "--delay", delay_s, "--data", data)
    return subprocess.Popen(
        command_of("crawl", *newspaper.front_pages, *options),
        env={**os.environ, "DATELINE_STATE": url.secret},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def crawl(newspaper: Newspaper, data: Path, url: Url) -> str:
    """What a crawl printed that went well."""
    out, err = start(newspaper, data, url, 0).communicate(timeout=120)
    assert err == ""
    return out


def killed(newspaper: Newspaper, data: Path, url: Url) -> None:
    """A crawl that is killed when it has saved something."""
    process = start(newspaper, data, url, 0.1)
    before = written(data)
    deadline = time.monotonic() + 60
    while written(data) == before:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL


def written(data: Path) -> int:
    return sum(path.stat().st_size for path in data.glob("articles/*.jsonl"))


def addresses_in(data: Path) -> list[str]:
    files = sorted(data.glob("articles/*.jsonl"))
    return sorted(canonical_key(record["url"]) for path in files for record in records_in(path))


@pytest.fixture(scope="module")
def crawled(postgres: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Newspaper, Path, Url]]:
    """The newspaper, and the data folder and state of a crawl of it that was killed, and run again to its end."""
    data, url = tmp_path_factory.mktemp("crawl") / "data", fresh_url(postgres)
    with serve() as newspaper:
        killed(newspaper, data, url)
        crawl(newspaper, data, url)
        yield newspaper, data, url


def test_each_article_is_there_once_when_a_run_was_killed(crawled: tuple[Newspaper, Path, Url]) -> None:
    newspaper, data, url = crawled
    assert addresses_in(data) == sorted(canonical_key(wanted["url"]) for wanted in newspaper.expected())
    assert rows_of(url, "pending", "SELECT 1 FROM pending") == []
    assert not (data / "state.sqlite").exists()


def test_a_crawl_from_another_folder_knows_what_was_written(
    crawled: tuple[Newspaper, Path, Url], tmp_path: Path
) -> None:
    newspaper, _, url = crawled
    crawl(newspaper, tmp_path / "data", url)
    assert addresses_in(tmp_path / "data") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sources"], "3 sources: 3 fine"),
        (["memory"], "pages"),
        (["report"], "index.html"),
        (["compact"], "PostgreSQL uses the room of what was dropped again"),
    ],
)
def test_commands_read_the_shared_state(
    crawled: tuple[Newspaper, Path, Url], arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, data, url = crawled
    assert main([*arguments, "--data", str(data), "--state", url.secret]) == 0
    assert said in capsys.readouterr().out


def test_the_doctor_holds_the_shared_state_against_the_files(
    crawled: tuple[Newspaper, Path, Url], capsys: pytest.CaptureFixture[str]
) -> None:
    newspaper, data, url = crawled
    main(["doctor", "--data", str(data), "--state", url.secret])
    out = capsys.readouterr().out
    number = len(newspaper.expected())
    assert f"state     ok      {url}, of version 1" in out
    assert f"articles  ok      {number} lines in 1 files, each known, each once, none missing" in out
    (path,) = data.glob("articles/*.jsonl")
    content = path.read_bytes()
    path.write_bytes(content + content.splitlines(keepends=True)[0] + b'{"id": "torn')
    try:
        assert main(["doctor", "--repair", "--data", str(data), "--state", url.secret]) == 1
    finally:
        path.write_bytes(content)
    out = capsys.readouterr().out
    assert "ends in a torn line of 12 bytes" in out
    assert "repaired" in out
    assert "stand more than once" in out


def test_what_is_missing_may_be_in_the_files_of_others(
    crawled: tuple[Newspaper, Path, Url], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, _, url = crawled
    (tmp_path / "other").mkdir()
    main(["doctor", "--data", str(tmp_path / "other"), "--state", url.secret])
    assert "they may be in the files of others (1) that write to this state, too" in capsys.readouterr().out
    forget = ["doctor", "--repair", "--refetch-missing", "--data", str(tmp_path / "other"), "--state", url.secret]
    assert main(forget) == 2
    assert "others write to this state" in capsys.readouterr().err


def test_why_tells_what_the_shared_state_knows(
    crawled: tuple[Newspaper, Path, Url], dateline: Callable[..., Result]
) -> None:
    newspaper, data, url = crawled
    page = newspaper.expected()[0]["url"]
    told = dateline("why", "--text", "--no-fetch", page, "--data", data, "--state", url.secret)
    assert (told.code, told.err) == (0, "")
    assert "version 1" in told.out


def test_a_state_that_cannot_be_used_is_one_line_without_the_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text, code in ((f"postgresql://u:geheim@/news?host={tmp_path}", 74), ("mysql://u:geheim@h/news", 2)):
        try:
            ended = main(["memory", "--state", text])
        except SystemExit as exit_of_parser:
            ended = exit_of_parser.code or 0
        err = capsys.readouterr().err
        assert (ended, err.count("\n"), "geheim" in err) == (code, 1, False)
