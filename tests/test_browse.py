"""dateline browse: the SQLite file holds each version once whatever happens, and its pages keep to themselves."""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.browser import browser  # noqa: F401  a fixture
from tests.collection import edited, record, write_day
from tests.conftest import Result, command_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Dateline = Callable[..., Result]
FIRST = record(1, title="Bridge closed")
SECOND = edited(FIRST, 2, "2025-05-02T07:00:00Z", title="Bridge open again")
THIRD = edited(SECOND, 3, "2025-05-03T07:00:00Z", content_text="The ferry has stopped.")


def rows(data: Path, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data / "collection.sqlite")) as db:
        return db.execute(question).fetchall()


def build(dateline: Dateline, *options: str) -> None:
    result = dateline("browse", "--build", *options)
    assert (result.code, result.out, result.err) == (0, "data/collection.sqlite\n", "")


def whole(data: Path) -> list[list[tuple[Any, ...]]]:
    """All that a person may ask the file for."""
    tables = ("articles", "earlier_versions", "removed")
    found = [rows(data, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]  # noqa: S608
    rows(data, "INSERT INTO articles_fts (articles_fts) VALUES ('integrity-check')")
    return [*found, sorted(rows(data, "SELECT title FROM articles_fts WHERE articles_fts MATCH 'bridge OR ferry'"))]


# --- the file


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (0, 2, 1)])
def test_each_version_stands_in_the_file_once_whatever_the_order(
    dateline: Dateline, tmp_path: Path, order: tuple[int, ...]
) -> None:
    data = tmp_path / "data"
    for number in order:
        write_day(data, "2025-05-01", [(FIRST, SECOND, THIRD)[number]])
        build(dateline)
    build(dateline)
    assert rows(data, "SELECT version, title, changed, content_text FROM articles") == [
        (3, "Bridge open again", '["content_text"]', "The ferry has stopped.")
    ]
    earlier = rows(data, "SELECT version, title, changed FROM earlier_versions ORDER BY version")
    assert earlier == [(1, "Bridge closed", "[]"), (2, "Bridge open again", '["title"]')]
    assert rows(data, "SELECT number, kind, text FROM removed") == [(1, "newsletter", "Get our letter.")]
    assert whole(data)[-1] == [("Bridge open again",)]


def test_only_what_is_new_is_read_and_files_that_were_moved_packed_or_cut_are_no_matter(
    dateline: Dateline, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    path = write_day(data, "2025-05-01", [FIRST, record(2), *(edited(FIRST, 1, "2025-05-01") for _ in range(9))])
    build(dateline)
    before = path.read_bytes()
    path.write_bytes(b"x" * 10 + before[10:])  # not looked at again: the end of what was read has not changed
    write_day(data, "2025-05-01", [record(3)])
    build(dateline)
    assert rows(data, "SELECT count(*) FROM articles") == [(3,)]
    one = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(one[1:2] * len(one)))  # longer than it was, and another: read from its start
    write_day(data, "2025-05-01", [record(3)])
    write_day(data, "2025-05-01", [record(4)])
    build(dateline)
    packed = path.with_suffix(".jsonl.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    build(dateline)
    build(dateline)
    assert rows(data, "SELECT count(*) FROM articles") == [(4,)]
    build(dateline, "--rebuild")
    assert rows(data, "SELECT count(*) FROM articles") == [(3,)]  # the first one's line is gone


def test_a_line_that_is_being_written_is_read_when_it_is_whole(dateline: Dateline, tmp_path: Path) -> None:
    path = write_day(tmp_path / "data", "2025-05-01", [FIRST, record(2)])
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    result = dateline("browse", "--build")
    assert (result.code, len(result.errors)) == (0, 1)
    assert "line 2: not whole" in result.err
    path.write_bytes(whole)
    build(dateline)
    assert rows(tmp_path / "data", "SELECT count(*) FROM articles") == [(2,)]


def test_a_build_that_is_killed_is_gone_on_with(dateline: Dateline, tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_day(data, "2025-05-01", [record(n) for n in range(1500)])
    write_day(data, "2025-05-02", [edited(record(n), 2, "2025-05-02T07:00:00Z", title="ferry") for n in range(700)])
    build(dateline)
    expected = whole(data)
    (data / "collection.sqlite").unlink()
    # dies in the middle of the third transaction, and then in that of the fourth
    dying = (
        "import os, sys\nfrom crawler.collection import catalogue\nfrom crawler.cli import main\n"
        "add, done = catalogue._add, [0]\ndef die(*given):\n    done[0] += 1\n"
        "    if done[0] > int(sys.argv[1]): os.kill(os.getpid(), 9)\n    return add(*given)\n"
        "catalogue._add = die\nmain(['browse', '--build'])\n"
    )
    for after in ("1200", "700"):
        done = subprocess.run([sys.executable, "-c", dying, after], cwd=tmp_path, timeout=60, check=False)
        assert done.returncode == -signal.SIGKILL
    build(dateline)
    assert whole(data) == expected


def test_another_programs_database_is_left_alone(dateline: Dateline, tmp_path: Path) -> None:
    write_day(tmp_path / "data", "2025-05-01", [FIRST])
    with closing(sqlite3.connect(tmp_path / "theirs.db")) as db:
        db.execute("CREATE TABLE articles (theirs)")
    before = (tmp_path / "theirs.db").read_bytes()
    for options in (["--build"], ["--build", "--rebuild"]):
        result = dateline("browse", "--db", "theirs.db", *options)
        assert (result.code, result.err) == (2, "dateline: theirs.db: is another program's database\n")
    assert (tmp_path / "theirs.db").read_bytes() == before
    (tmp_path / "no.db").write_text("no database, but a text of some length that somebody keeps here")
    assert dateline("browse", "--db", "no.db", "--build").code == 74


def test_strings_that_no_database_takes_do_no_harm(dateline: Dateline, tmp_path: Path) -> None:
    odd = record(1, title="a\ud800b", tags=["\udfff"], about={"removed": [None, {"kind": 1, "text": ["x"]}]})
    odd["word_count"], odd["section"] = "many", {"a": 1}
    path = write_day(tmp_path / "data", "2025-05-01", [])
    path.write_text(json.dumps(odd) + "\n")
    build(dateline)
    assert rows(tmp_path / "data", "SELECT title, words, section FROM articles") == [("a?b", None, '{"a": 1}')]


def test_without_datasette_the_way_to_it_is_told(tmp_path: Path) -> None:
    write_day(tmp_path / "data", "2025-05-01", [FIRST])
    code = (
        "import sys\nfrom importlib import util\nfind = util.find_spec\n"
        "util.find_spec = lambda name, *more: None if name == 'datasette' else find(name, *more)\n"
        "from crawler.cli import main\nsys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "browse"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'dateline[browse]'" in done.stderr
    assert list((tmp_path / "data").iterdir()) == [tmp_path / "data" / "articles"]


# --- the pages

HOSTILE = '<script>document.title="owned"</script><img src="http://127.0.0.9/x.png">"\'&{{7*7}}'


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a collection that is served; Ctrl-C ends it well."""
    if importlib.util.find_spec("datasette") is None:  # not imported: it has SQLite print the errors of functions
        pytest.skip("datasette is not installed: make test installs it")
    folder = tmp_path_factory.mktemp("browse")
    write_day(folder / "data", "2025-05-01", [FIRST, record(2, title=HOSTILE, section=HOSTILE, site="example.net")])
    write_day(folder / "data", "2025-05-02", [SECOND, record(3, None, language="uk", title="Поїзд з бібліотекою")])
    environment = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    process = subprocess.Popen(command_of("browse"), cwd=folder, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/collection/articles", address)
    yield address
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert process.stdout.read() == ""  # a refused question is answered in the browser, and not told here
    process.stdout.close()


def ask(url: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_articles_are_searched_and_counted_by_facets(served: str) -> None:
    found = json.loads(ask(f"{served}.json?_search=bridge&_shape=objects")[1])
    assert {row["title"] for row in found["rows"]} == {"Bridge open again", HOSTILE, "Поїзд з бібліотекою"}
    facets = found["facet_results"]
    assert facets.keys() == {"site", "language", "section", "date_confidence"}
    every = json.loads(ask(f"{served}.json?_shape=objects")[1])
    assert [row["date"] for row in every["rows"]] == ["2025-05-01", "2025-04-26", "2025-04-26"]
    counted = {r["value"]: r["count"] for r in every["facet_results"]["date_confidence"]["results"]}
    assert counted == {"high": 2, "undated": 1}
    word = quote("бібліотекою")
    assert json.loads(ask(f"{served}.json?_search={word}&_shape=array")[1])[0]["language"] == "uk"


def test_the_collection_cannot_be_changed_through_its_pages(served: str) -> None:
    base = served.removesuffix("/articles")
    for statement in ("DELETE%20FROM%20articles", "UPDATE%20articles%20SET%20title=1", "ATTACH%20%27x%27%20AS%20y"):
        status, text = ask(f"{base}.json?sql={statement}")
        assert status == 400
        assert json.loads(text)["ok"] is False
    assert json.loads(ask(f"{base}.json?sql=select+count(*)+from+articles&_shape=array")[1]) == [{"count(*)": 3}]


def test_another_name_for_this_machine_is_refused(served: str) -> None:
    assert ask(served, Host="evil.example")[0] == 421
    assert ask(served, Host="localhost:" + served.split(":")[2].split("/")[0])[0] == 200


def test_its_pages_are_text_and_ask_nobody_else_for_anything(browser: Browser, served: str) -> None:  # noqa: F811
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(error.message))
    page.goto(served)
    page.fill("input[name=_search]", "bridge")
    with page.expect_navigation():
        page.click("input[type=submit]")
    assert page.locator("td.col-title", has_text="Bridge open again").count() == 1
    page.goto(f"{served}?site=example.net")
    assert page.locator("td.col-title").inner_text() == HOSTILE
    with page.expect_navigation():
        page.click("td.col-id a")
    assert page.locator("td.col-title").inner_text() == HOSTILE
    labels = page.evaluate(
        "[...document.querySelectorAll('td')].map(cell => getComputedStyle(cell, '::before').content)"
    )
    assert len(labels) == 27
    assert "none" not in labels
    assert "owned" not in page.title()
    for table in ("removed", "earlier_versions"):
        page.goto(served.replace("articles", table))
    host = served.removesuffix("/collection/articles")
    assert [url for url in requests if not url.startswith(host)] == []
    assert complaints == []
