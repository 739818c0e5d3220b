"""dateline articles: what is listed in which order, what is found and shown, and what a page cannot do to a reader."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.collection import BODY, edited, record, write_day
from tests.conftest import Result, assert_valid, command_of
from tests.terminal import terminal

Dateline = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of three days: one article edited, one undated, one of low confidence in the date, one in Portuguese."""
    folder = tmp_path / "data"
    bridge = record(1, "2025-04-29T10:00:00+03:00", title="Bridge closed")
    low = record(3, "2025-04-03", site="example.net", language="pt-BR", title="Ponte fechada")
    low["_dateline"]["date"].update(confidence="low", precision="day", alternatives=["2025-03-04"])
    write_day(folder, "2025-04-29", [bridge, record(2, "2025-04-30T01:00:00+03:00", content_text="A tram.")])
    write_day(folder, "2025-04-30", [low, edited(bridge, 2, "2025-04-30T07:00:00Z", title="Bridge open again")])
    write_day(folder, "2025-05-01", [record(4, None, title="Undated"), record(5, "2025-04-30T23:00:00Z")])
    return folder


def listed(result: Result) -> list[dict[str, Any]]:
    assert (result.code, result.err) == (0, "")
    return [json.loads(line) for line in result.out.splitlines()]


def titles(result: Result) -> list[str]:
    return [row["title"] for row in listed(result)]


def shown(folder: Path, *arguments: object, columns: int = 100) -> str:
    """What a terminal shows, which said nothing of an error."""
    with terminal(command_of("articles", *arguments), folder, columns=columns) as screen:
        assert screen.end() == 0
        return screen.text


# --- which, and in which order


def test_articles_come_newest_first_in_their_last_version_and_as_they_were_written(
    dateline: Dateline, data: Path
) -> None:
    found = listed(dateline("articles"))
    assert [row["title"] for row in found] == [
        "Undated",  # first seen on the first of May
        "Article number 5",
        "Article number 2",
        "Bridge open again",
        "Ponte fechada",
    ]
    lines = [line for path in data.glob("articles/*") for line in path.read_text("utf-8").splitlines()]
    assert set(dateline("articles").out.splitlines()) < set(lines)
    for row in found:
        assert_valid(row)


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--since", "2025-04-30"], ["Undated", "Article number 5", "Article number 2"]),
        (["--since", "2025-04-29", "--until", "2025-04-29"], ["Bridge open again"]),
        (["--until", "2025-04-28"], ["Ponte fechada"]),
        (["--site", "www.example.net"], ["Ponte fechada"]),
        (["--language", "pt"], ["Ponte fechada"]),
        (["--language", "p"], []),
        (["--grep", "TRAM"], ["Article number 2"]),
        (["--grep", "(?-i:TRAM)"], []),
        (["--grep", "bridge (closed|shut)"], []),  # the last version alone is searched
        (["--grep", "^bridge (closed|shut)", "--all-versions"], ["Bridge closed"]),
        (["--limit", "2"], ["Undated", "Article number 5"]),
        (["--limit", "0", "--site", "example.net"], ["Ponte fechada"]),
    ],
)
def test_what_is_asked_for_is_listed(dateline: Dateline, data: Path, options: list[str], wanted: list[str]) -> None:
    result = dateline("articles", *(option if option != "p" else "pqr" for option in options))
    assert [json.loads(line)["title"] for line in result.out.splitlines()] == wanted
    assert result.err == ("" if wanted else "dateline: there are no such articles\n")


def test_the_names_of_files_bound_what_is_read(dateline: Dateline, data: Path) -> None:
    """An article of the last of April was crawled on the 29th at the earliest: zones are a day wide at most."""
    for old in ("2025-04-28", "2025-03-01"):
        write_day(data, old, []).write_bytes(b"never looked at\n")
    assert len(titles(dateline("articles", "--since", "2025-04-30"))) == 3
    assert "2025-04-28.jsonl line 1" in dateline("articles", "--since", "2025-04-29").err
    newest = dateline("articles", "--limit", "1")
    assert (len(newest.out.splitlines()), newest.err) == (1, "")


def test_versions_are_resolved_whatever_the_order_of_files_and_lines(dateline: Dateline, tmp_path: Path) -> None:
    dice = random.Random(8)  # noqa: S311  it shuffles
    firsts = [record(n, f"2025-04-{n:02}T08:00:00Z") for n in range(1, 21)]
    lines = [*firsts]
    for first in firsts[::2]:
        lines += [edited(first, version, "2025-05-01T07:00:00Z", title=f"v{version}") for version in (2, 3)]
    dice.shuffle(lines)
    paths = []
    for number in range(3):
        paths.append(tmp_path / f"{number}.jsonl{'.gz' if number == 1 else ''}")
        with gzip.open(paths[-1], "wb") if number == 1 else paths[-1].open("wb") as file:
            file.writelines(json.dumps(line).encode() + b"\n" for line in lines[number::3])
    found = listed(dateline("articles", *paths))
    assert [row["url"].rpartition("/")[2] for row in found] == [str(n) for n in range(20, 0, -1)]
    assert [row["_dateline"]["version"] for row in found] == [1, 3] * 10
    every = listed(dateline("articles", *paths, "--all-versions"))
    assert len(every) == len(lines)


# --- what cannot be read


def test_bad_lines_are_told_and_left_out_and_a_torn_last_one_is_never_shown(dateline: Dateline, data: Path) -> None:
    path = write_day(data, "2025-05-02", [record(6, "2025-05-02T08:00:00Z")])
    whole = path.read_bytes()
    refusal = b'{"id": "a", "url": "https://example.org/a", "_dateline": {"refused": "undated", "detail": ""}}\n'
    path.write_bytes(b"[]\n{}\n\n" + refusal + b'{"a": NaN}\n' + whole + whole[:300])
    result = dateline("articles", "--limit", "1", "--fields", "title")
    assert (result.code, result.out) == (0, '{"title": "Article number 6"}\n')
    why = {1: "no article's record", 2: "no article's record", 5: "no article's record"}
    why[7] = "not whole: a crawl is writing it, or was killed"
    name = "data/articles/2025-05-02.jsonl"
    assert result.errors == [f"dateline: {name} line {number}: {said}; left out" for number, said in why.items()]


@pytest.mark.parametrize("cut", [1, 2, 40])
def test_a_line_counts_once_it_is_whole(dateline: Dateline, tmp_path: Path, cut: int) -> None:
    path = write_day(tmp_path / "data", "2025-05-02", [record(6), record(7)])
    path.write_bytes(path.read_bytes()[:-cut])  # the first cut takes the line's end alone
    assert len(dateline("articles").out.splitlines()) == (2 if cut == 1 else 1)


def test_many_bad_lines_are_counted_and_damaged_gzip_gives_what_is_whole(dateline: Dateline, tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl.gz"
    lines = b"".join(json.dumps(record(n)).encode() + b"\n" for n in range(50))
    path.write_bytes(gzip.compress(b"x\n" * 30 + lines)[:-20])
    result = dateline("articles", path)
    assert result.code == 0
    assert 0 < len(result.out.splitlines()) <= 50
    assert len(result.errors) == 7
    assert "cannot be read on" in result.errors[5]
    assert result.errors[6] == "dateline: … and 25 more lines; left out"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data", "nowhere"], "nowhere/articles: there are no articles yet; name the folder of a crawl with --data"),
        (
            ["missing.jsonl"],
            "missing.jsonl: neither a file, nor an article's id (6 to 20 digits of it), nor an address",
        ),
        (["--grep", "("], "--grep '(': no regular expression: missing ), unterminated subpattern"),
        (["--fields", "titel"], "--fields titel: no record has it; is it title?"),
        (["--since", "2025-04-02", "--until", "2025-04-01"], "--since 2025-04-02: is after --until 2025-04-01"),
        (["--since", "lately"], "argument --since: 'lately' is not a day"),
        (["--limit", "-1"], "argument --limit: '-1' is not a whole number from 0 up"),
        (["--json", "--csv"], "argument --csv: not allowed with argument --json"),
    ],
)
def test_a_wrong_option_is_one_line_and_code_2(dateline: Dateline, data: Path, arguments: list[str], said: str) -> None:
    result = dateline("articles", *arguments)
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert said in result.err


def test_a_reader_that_has_enough_ends_it_without_a_word(tmp_path: Path) -> None:
    write_day(tmp_path / "data", "2025-05-01", [record(n) for n in range(500)])
    command = f"{shlex.join(command_of('articles'))} | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    assert done.stdout.splitlines()[1:] == ["141"]


# --- how


def test_fields_are_picked_by_name(dateline: Dateline, data: Path) -> None:
    fields = "title,date.confidence,version,_dateline.extractor.name,rights.license"
    assert listed(dateline("articles", "--fields", fields, "--site", "example.net")) == [
        {
            "title": "Ponte fechada",
            "date.confidence": "low",
            "version": 1,
            "_dateline.extractor.name": "dateline",
            "rights.license": None,
        }
    ]


FORMULAS = ['=HYPERLINK("http://x","y")', "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\ufeff\u200b=1"]


def test_no_cell_of_csv_is_a_formula(dateline: Dateline, tmp_path: Path) -> None:
    records = [
        record(n, title=title, section=title, tags=[title], authors=[{"name": title}, {"name": 'A "B", C'}])
        for n, title in enumerate(FORMULAS)
    ]
    write_day(tmp_path / "data", "2025-05-01", records)
    fields = "title,section,tags,authors,word_count,content_text,is_accessible_for_free,summary,removed"
    result = dateline("articles", "--csv", "--fields", fields)
    rows = list(csv.DictReader(io.StringIO(result.out, newline="")))
    assert len(rows) == len(FORMULAS)
    assert {row["word_count"] for row in rows} == {"38"}
    assert {row["content_text"] for row in rows} == {"\n\n".join(BODY)}
    assert {row["summary"] for row in rows} == {""}
    assert [json.loads(row["removed"])[0]["kind"] for row in rows] == ["newsletter"] * len(rows)
    for row in rows:
        assert all(row[name].startswith("'") for name in ("title", "section", "tags", "authors"))
    assert rows[0]["authors"] == '\'@SUM(A1); A "B", C' or any(row["authors"].endswith('; A "B", C') for row in rows)


def test_a_table_tells_date_with_confidence_site_title_authors_and_words(data: Path) -> None:
    text = shown(data.parent)
    lines = text.splitlines()
    assert lines[0].split() == ["id", "date", "site", "title", "authors", "words"]
    assert re.fullmatch(r"[0-9a-f]{8}  2025-05-01 –  example.org +Undated +Ann Lee +38", lines[1])
    assert re.search(r"2025-04-03 \?  example.net +Ponte fechada", text)
    assert re.search(r"2025-04-29    example.org +Bridge open again", text)
    assert lines[-1] == "? low confidence   – undated: the day that it was first seen"
    assert max(map(len, lines)) <= 100


def test_a_table_is_as_wide_as_the_terminal_and_says_that_there_are_more(tmp_path: Path) -> None:
    write_day(tmp_path / "data", "2025-05-01", [record(n, title="東京の天気 " * 20) for n in range(60)])
    lines = shown(tmp_path, columns=72).splitlines()
    assert len(lines) == 1 + 2 * 50 + 1  # folded once, where there is little room
    assert lines[1].endswith("38")
    assert "…" in lines[2]
    assert lines[-1] == "… there are more; --limit 0 shows all"
    assert len(shown(tmp_path, "--limit", 0).splitlines()) == 1 + 60


def test_matches_are_marked_in_title_and_text(data: Path) -> None:
    with terminal(command_of("articles", "--grep", "bridge"), data.parent, columns=100) as screen:
        assert screen.end() == 0
        assert "\x1b[1;33mBridge\x1b[0m open again" in screen.shown
        assert re.search(r"The old \x1b\[0m\x1b\[1;33mbridge\x1b\[0m\x1b\[2m over the river", screen.shown)


HOSTILE = "A\x1b]0;owned\x07\x1b[2J\u202egnp.exe\u2066\u200b \x9b31m\ud800 end"


def test_a_page_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    hostile = record(
        1,
        title=HOSTILE,
        site=HOSTILE,
        content_text=f"{HOSTILE}\n\n{HOSTILE}",
        authors=[{"name": HOSTILE}],
        section=HOSTILE,
        about={"removed": [{"kind": "caption", "text": HOSTILE, "reason": HOSTILE}], "warnings": [HOSTILE]},
    )
    (tmp_path / "theirs.jsonl").write_text(json.dumps(hostile) + "\n")
    ways = [[], ["--grep", "end"], [hostile["id"], "--removed"], ["--removed"], ["--json"], ["--csv"]]
    for way in ways:
        with terminal(command_of("articles", "theirs.jsonl", *way), tmp_path, columns=120) as screen:
            assert screen.end() == 0
            assert "end" in screen.text
            left = re.sub(r"\x1b\[[0-9;]*m", "", screen.shown)  # our own colours
            assert [char for char in left if not char.isprintable() and char not in "\r\n\u200b"] == [], way


def test_what_was_cut_is_listed_a_row_a_text(dateline: Dateline, data: Path) -> None:
    rows = listed(dateline("articles", "--removed", "--site", "example.net"))
    assert [(row["title"], row["kind"], row["text"], row["reason"]) for row in rows] == [
        ("Ponte fechada", "newsletter", "Get our letter.", "en newsletter: letter")
    ]
    assert "there are no such articles" in dateline("articles", "--removed", "--grep", "bridge").err
    assert "Get our letter." in shown(data.parent, "--removed", "--limit", 1)


# --- one of them


@pytest.mark.parametrize("name", ["id", "https://www.example.org/1?utm_source=feed#top"])
def test_an_article_is_shown_whole_with_what_was_cut_and_its_versions(data: Path, name: str) -> None:
    text = shown(data.parent, name if name != "id" else record(1)["id"][:8], "--removed", columns=130)
    assert text.startswith("Bridge open again\n")
    assert all(paragraph in text for paragraph in BODY)
    assert "− newsletter: en newsletter: letter\n  Get our letter." in re.sub(r" +\n", "\n", text)
    assert "  1 2025-05-01T07:00:00Z as it was found first" in text
    assert "• 2 2025-04-30T07:00:00Z title" in text


def test_an_article_that_has_moved_is_found_by_each_of_its_addresses(dateline: Dateline, tmp_path: Path) -> None:
    first = record(1)
    moved = edited(first, 2, "2025-05-02T07:00:00Z", url="https://example.org/new", canonical_url=None)
    write_day(tmp_path / "data", "2025-05-02", [first, moved])
    for url in ("https://example.org/1", "http://example.org/new/"):
        assert [row["url"] for row in listed(dateline("articles", url))] == ["https://example.org/new"]
    assert len(listed(dateline("articles", "https://example.org/1", "--all-versions"))) == 2


def test_an_article_that_is_in_no_file_is_told(dateline: Dateline, data: Path) -> None:
    result = dateline("articles", "abcdef12", "https://example.org/nowhere", "--json")
    assert (result.code, result.out) == (1, "")
    assert result.errors == [
        "dateline: abcdef12: no article has this id",
        "dateline: https://example.org/nowhere: no article has this address",
    ]


# --- its cost


def test_a_large_collection_is_read_in_the_memory_of_a_small_one(tmp_path: Path) -> None:
    """60 MB of records, all of them printed, take no more memory than 0.6 MB of them (both with the interpreter)."""
    padding = "A sentence that makes the text as long as those of news are. " * 160
    peaks = []
    for days, folder in ((1, tmp_path / "small"), (100, tmp_path / "large")):
        for day in range(days):
            name = f"2025-{1 + day // 28:02}-{1 + day % 28:02}"
            write_day(
                folder, name, [record(1000 * day + n, f"{name}T08:00:00Z", content_text=padding) for n in range(60)]
            )
        code = (
            "import resource, sys\nfrom crawler.cli import main\nmain(['articles', '--data', sys.argv[1]])\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, folder], capture_output=True, timeout=90, check=True, text=True
        )
        assert len(done.stdout.splitlines()) == 60 * days
        peaks.append(int(done.stderr))
    assert peaks[1] - peaks[0] < 25_000  # KB; the collection is 60,000
