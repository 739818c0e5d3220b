"""The command: its help, and a clear end for every bad input: one line that says what and where, and its exit code."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from crawler import __version__
from crawler.cli import build_parser
from crawler.state import State
from tests.conftest import PUBLISHED, Answer, Result, SmallSite, article_html, records_in
from tests.test_state import damage

Dateline = Callable[..., Result]
LOCAL = ("--allow", "127.0.0.0/8", "--delay", "0")
ARTICLE = "/news/bridge-closed-after-the-storm.html"
FEED = {"Content-Type": "application/rss+xml"}


def test_version_is_told(dateline: Dateline) -> None:
    assert dateline("--version").out == f"dateline {__version__}\n"


def test_schema_is_printed(dateline: Dateline) -> None:
    schema = json.loads(dateline("schema").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["title"] == "A line of dateline's output"


@pytest.mark.parametrize(
    "command", [["--help"], ["schema"], *([c, "--help"] for c in ("crawl", "extract", "articles", "browse", "doctor"))]
)
def test_the_command_starts_light_when_nothing_is_read(command: list[str]) -> None:
    code = f"import sys; from crawler.cli import main\ntry: main({command!r})\nexcept SystemExit: pass\n"
    code += "print([m for m in ('scrapy', 'twisted', 'trafilatura', 'lxml') if m in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stderr == "[]\n"


@pytest.mark.parametrize(
    "command",
    ["crawl", "add", "sources", "extract", "articles", "browse", "memory", "doctor", "compact", "schema"],
)
def test_help_names_every_option_with_its_meaning(command: str) -> None:
    parsers = build_parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr, index]
    text = parsers[command].format_help()
    for action in parsers[command]._actions:
        assert action.help
        assert all(option in text for option in action.option_strings)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["fly"], "invalid choice: 'fly'"),
        (["crawl"], "nothing to crawl: give a URL, or a file of sites with --sources FILE"),
        (["crawl", "http://me:pw@example.org/"], "example.org: write the address without a user and password"),
        (["crawl", "ftp://example.org/"], "ftp://example.org/: only http and https addresses can be read"),
        (["crawl", "nowhere"], "nowhere: not an address: write it as https://nowhere/"),
        (["crawl", "http://[::1/"], "http://[::1/: not an address"),
        (["crawl", "http://example.org:99999/"], "http://example.org:99999/: not an address"),
        (["crawl", "https://example.org/", "--since", "yesterday"], "argument --since: 'yesterday' is not a day"),
        (["crawl", "https://example.org/", "--since", "2025-02-30"], "argument --since: '2025-02-30' is not a day"),
        (["crawl", "https://example.org/", "--delay", "-1"], "argument --delay: '-1' is not a number from 0 up"),
        (["crawl", "https://example.org/", "--delay", "nan"], "argument --delay: 'nan' is not a number from 0 up"),
        (["crawl", "https://example.org/", "--max-pages", "0"], "'0' is not a whole number from 1 up"),
        (["crawl", "https://example.org/", "--max-time", "50"], "'50' is not a length of time such as 90s, 30m"),
        (["crawl", "https://example.org/", "--every", "0m"], "'0m' is not a length of time such as 90s, 30m"),
        (["crawl", "https://example.org/", "--log", "x", "--log-size", "ten"], "'ten' is not a size such as 512K"),
        (["crawl", "https://example.org/", "--quie"], "unrecognized arguments: --quie"),
        (["crawl", "https://example.org/", "--undated", "drop"], "argument --undated: invalid choice: 'drop'"),
        (["crawl", "https://example.org/", "--allow", "10.0.0.0/99"], "--allow 10.0.0.0/99: expected a host name"),
        (["crawl", "https://example.org/", "--contact", "me"], "--contact: 'me' is neither a mail address nor the"),
        (["crawl", "--sources", "none.toml"], "none.toml"),
        (["extract"], "nothing to extract: give a FILE or URL"),
        (["extract", "--manifest", "none.jsonl"], "none.jsonl: No such file or directory"),
        (["extract", "a.html", "--language", "English!"], "'English!' is not a language tag"),
        (["extract", "a.html", "--base", "."], "--base: is for the paths of a --manifest"),
    ],
)
def test_a_wrong_option_ends_with_one_line_and_code_2(
    dateline: Dateline, tmp_path: Path, arguments: list[str], said: str
) -> None:
    result = dateline(*arguments)
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert said in result.err
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_key_in_the_sources_file_is_named(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "sites.toml").write_text('[harbour]\nurl = "https://example.org/"\nfeed = "x"\n')
    result = dateline("crawl", "--sources", "sites.toml")
    assert (result.code, len(result.errors)) == (2, 1)
    assert all(word in result.err for word in ("sites.toml", "harbour", "feed"))


def test_a_sources_file_that_is_no_toml_is_named(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "sites.toml").write_text("[harbour\n")
    result = dateline("crawl", "--sources", "sites.toml")
    assert (result.code, len(result.errors)) == (2, 1)
    assert "sites.toml" in result.err


@pytest.mark.parametrize(
    ("option", "said"),
    [("--data", "file/below: Not a directory"), ("--output", "/file: Not a directory")],
)
def test_a_place_that_cannot_be_written_ends_with_code_74(
    dateline: Dateline, tmp_path: Path, small_site: SmallSite, option: str, said: str
) -> None:
    (tmp_path / "file").write_text("")
    result = dateline("crawl", small_site.url, option, "file/below", *LOCAL)
    assert (result.code, len(result.errors)) == (74, 1)
    assert said in result.err
    assert small_site.asked == []


def test_an_output_that_is_no_file_ends_with_code_74(dateline: Dateline, tmp_path: Path) -> None:
    result = dateline("crawl", "https://example.org/", "--output", tmp_path)
    assert (result.code, len(result.errors)) == (74, 1)
    assert f"{tmp_path}: Is a directory" in result.err


def test_a_second_run_on_the_same_folder_ends_with_code_75(
    dateline: Dateline, tmp_path: Path, small_site: SmallSite
) -> None:
    state = State(tmp_path / "data")
    result = dateline("crawl", small_site.url, *LOCAL)
    state.close()
    assert (result.code, len(result.errors)) == (75, 1)
    assert "data: another run (process" in result.err
    assert small_site.asked == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(b"gone", 404), "404"),
        (Answer(b"down", 500), "500"),
        (Answer(b"%PDF-1.7 \x00\x01 binary", 200, {"Content-Type": "application/pdf"}), "application/pdf"),
        (Answer(b""), "empty"),
        (Answer(b"<rss><channel><item><title>no end", 200, FEED), "feed without entries"),
    ],
)
def test_a_source_that_gives_nothing_is_named_and_the_code_is_1(
    dateline: Dateline, small_site: SmallSite, answer: Answer, said: str
) -> None:
    small_site.answers["/start"] = answer
    result = dateline("crawl", f"{small_site.url}/start", *LOCAL)
    assert (result.code, len(result.errors)) == (1, 1)
    assert result.err.startswith(f"dateline: {small_site.url}/start: ")
    assert said in result.err


def test_an_unreachable_site_is_named_and_the_code_is_1(dateline: Dateline) -> None:
    result = dateline("crawl", "http://127.0.0.1:4/", *LOCAL)
    assert (result.code, len(result.errors)) == (1, 1)
    assert "connection refused" in result.err


def test_a_private_address_is_refused_unless_allowed(dateline: Dateline, small_site: SmallSite) -> None:
    result = dateline("crawl", f"{small_site.url}/")
    assert (result.code, len(result.errors)) == (1, 1)
    assert "is not a public address (use --allow to permit it)" in result.err
    assert small_site.asked == []


def test_a_broken_feed_costs_its_broken_entries_alone(
    dateline: Dateline, tmp_path: Path, small_site: SmallSite
) -> None:
    small_site.answers[ARTICLE] = Answer(article_html(head=PUBLISHED))
    feed = (
        f"<rss><channel><item><title>Bridge</title><link>{small_site.url}{ARTICLE}</link></item><item><title>& <link>"
    )
    small_site.answers["/feed.xml"] = Answer(feed.encode(), 200, FEED)
    result = dateline("crawl", f"{small_site.url}/feed.xml", "--output", "out.jsonl", *LOCAL)
    assert (result.code, result.err) == (0, "")
    assert [record["url"] for record in records_in(tmp_path / "out.jsonl")] == [f"{small_site.url}{ARTICLE}"]


def test_other_sources_are_read_when_one_fails(dateline: Dateline, tmp_path: Path, small_site: SmallSite) -> None:
    small_site.answers[ARTICLE] = Answer(article_html(head=PUBLISHED))
    result = dateline(
        "crawl", f"{small_site.url}/missing", f"{small_site.url}{ARTICLE}", *LOCAL, "--output", "out.jsonl"
    )
    assert (result.code, len(result.errors)) == (1, 1)
    assert len(records_in(tmp_path / "out.jsonl")) == 1


def test_the_last_line_is_the_file_with_the_articles(dateline: Dateline, tmp_path: Path, small_site: SmallSite) -> None:
    small_site.answers[ARTICLE] = Answer(article_html(head=PUBLISHED))
    result = dateline("crawl", f"{small_site.url}{ARTICLE}", *LOCAL)
    path = Path(result.out.splitlines()[-1])
    assert path.parent == tmp_path / "data" / "articles"
    assert [record["title"] for record in records_in(path)] == ["Bridge closed after the storm"]


def test_nothing_is_said_when_quiet(dateline: Dateline, small_site: SmallSite) -> None:
    small_site.answers[ARTICLE] = Answer(article_html(head=PUBLISHED))
    result = dateline("crawl", f"{small_site.url}{ARTICLE}", *LOCAL, "--quiet")
    assert (result.code, result.out, result.err) == (0, "", "")


def test_a_source_that_gives_nothing_is_named_when_quiet(dateline: Dateline, small_site: SmallSite) -> None:
    result = dateline("crawl", f"{small_site.url}/missing", *LOCAL, "--quiet")
    assert (result.code, result.out, len(result.errors)) == (1, "", 1)
    assert "/missing: HTTP status 404" in result.err


def test_where_there_is_no_terminal_a_run_is_told_in_one_line_and_the_path(
    dateline: Dateline, tmp_path: Path, small_site: SmallSite
) -> None:
    small_site.answers[ARTICLE] = Answer(article_html(head=PUBLISHED))
    crawl = ("crawl", f"{small_site.url}/missing", f"{small_site.url}{ARTICLE}", *LOCAL, "--output", "out.jsonl")
    failed = f"1 of 2 sources failed: {small_site.url}/missing"
    assert dateline(*crawl).out.splitlines() == [
        f"1 found, 1 saved, 0 refused, {failed}",
        str(tmp_path / "out.jsonl"),
    ]
    assert dateline(*crawl).out.splitlines()[-1] == "nothing new was written"


def test_an_article_before_since_is_refused_and_found_when_an_earlier_day_is_asked(
    dateline: Dateline, tmp_path: Path, small_site: SmallSite
) -> None:
    small_site.answers[ARTICLE] = Answer(article_html(head=PUBLISHED))
    crawl = ("crawl", f"{small_site.url}{ARTICLE}", *LOCAL, "--output", "out.jsonl", "--since")
    late, early = dateline(*crawl, "2025-05-01"), dateline(*crawl, "2025-04-01")
    assert (late.code, early.code) == (0, 0)
    assert "1 refused (1 too old)" in late.out
    assert len(records_in(tmp_path / "out.jsonl")) == 1


@pytest.mark.parametrize(("undated", "lines"), [("flag", 1), ("refuse", 0)])
def test_an_undated_article_is_flagged_or_refused(
    dateline: Dateline, tmp_path: Path, small_site: SmallSite, undated: str, lines: int
) -> None:
    small_site.answers[ARTICLE] = Answer(article_html())
    result = dateline("crawl", f"{small_site.url}{ARTICLE}", *LOCAL, "--output", "out.jsonl", "--undated", undated)
    records = records_in(tmp_path / "out.jsonl")
    assert (result.code, len(records)) == (0, lines)
    assert all(record["date_published"] is None for record in records)
    assert all("undated" in record["_dateline"]["warnings"] for record in records)


def test_an_address_without_scheme_is_taken_as_https(dateline: Dateline) -> None:
    result = dateline("crawl", "localhost:4", *LOCAL)
    assert result.code == 1
    assert result.errors[0] == "dateline: localhost:4: taken as https://localhost:4"
    assert result.errors[1].startswith("dateline: https://localhost:4")


def test_a_full_disk_ends_with_code_74_and_the_next_run_goes_on(
    dateline: Dateline, tmp_path: Path, small_site: SmallSite
) -> None:
    output = tmp_path / "out.jsonl"
    theirs = b'{"theirs": "' + b"x" * 4_000_000 + b'"}\n'
    output.write_bytes(theirs)
    small_site.answers[ARTICLE] = Answer(article_html(head=PUBLISHED))
    crawl = ("crawl", f"{small_site.url}{ARTICLE}", *LOCAL, "--output", "out.jsonl")
    limit = len(theirs) + 100
    full = dateline(*crawl, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert (full.code, len(full.errors)) == (74, 1)
    assert "out.jsonl: File too large" in full.err
    assert output.read_bytes() == theirs
    assert dateline(*crawl).code == 0
    assert [record.get("title") for record in records_in(output)] == [None, "Bridge closed after the storm"]


def test_a_damaged_state_ends_with_code_74(dateline: Dateline, tmp_path: Path, small_site: SmallSite) -> None:
    small_site.answers[ARTICLE] = Answer(article_html(head=PUBLISHED))
    damage(tmp_path / "data")
    result = dateline("crawl", f"{small_site.url}{ARTICLE}", *LOCAL, "--output", "out.jsonl")
    assert (result.code, len(result.errors)) == (74, 1)
    assert "state.sqlite: database disk image is malformed" in result.err
    assert records_in(tmp_path / "out.jsonl") == []


def test_an_article_that_the_disk_refused_is_counted_when_it_is_written(
    dateline: Dateline, tmp_path: Path, small_site: SmallSite
) -> None:
    small_site.answers[ARTICLE] = Answer(article_html(head=PUBLISHED))
    crawl = ("crawl", f"{small_site.url}{ARTICLE}", *LOCAL, "--output", "out.jsonl")
    limit = 1_000_000
    (tmp_path / "out.jsonl").write_bytes(b'{"theirs": "' + b"x" * (limit - 100) + b'"}\n')
    assert dateline(*crawl, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))).code == 74
    result = dateline(*crawl)
    assert result.out.splitlines() == [
        "0 found (passed over: 1 known already), 0 saved, 0 refused, 1 written from an earlier run",
        str(tmp_path / "out.jsonl"),
    ]
    reports = [json.loads(path.read_text()) for path in sorted((tmp_path / "data" / "reports").glob("*.json"))]
    assert [sum(report["recovered"].values()) for report in reports] == [0, 1]


@pytest.mark.parametrize("command", [["crawl", "--delay", "0"], ["extract"]])
def test_a_site_is_told_whom_to_write_to(dateline: Dateline, small_site: SmallSite, command: list[str]) -> None:
    small_site.answers[ARTICLE] = Answer(article_html(head=PUBLISHED))
    allow = ("--allow", "127.0.0.0/8")
    assert dateline(*command, f"{small_site.url}{ARTICLE}", *allow, "--contact", "news@example.org").code == 0
    assert small_site.agents == {f"Dateline/{__version__} (+news@example.org)"}
