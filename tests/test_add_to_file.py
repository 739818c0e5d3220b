"""dateline add: what becomes of the file of sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.sources import Source, read_sources
from crawler.sources_file import add_source, name_for, same_site
from tests.conftest import command_of
from tests.looking import LOCAL, Dateline, look
from tests.loopback import serving
from tests.paper import paper, stories
from tests.terminal import terminal


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A file of sources that a person has written."""
    path = tmp_path / "sites.toml"
    path.write_text('# our sources\n\n[first]   # the oldest\nurl = "https://example.org/"\n\n# to be looked at:\n')
    return path


def test_a_source_is_written_behind_what_the_file_has(dateline: Dateline, sources: Path) -> None:
    before = sources.read_bytes()
    with serving(paper(stories(8))) as site:
        result = dateline("add", f"{site.base}/", *LOCAL, "--yes")
        after = sources.read_text()
        assert after == before.decode() + (
            f'\n[127-0-0-1]\nurl = "{site.base}/"\nfeeds = ["{site.base}/feed"]\nlanguage = "en"\n'
        )
        assert result.code == 0
        assert result.out.splitlines()[-1] == (
            "sites.toml: [127-0-0-1] is written; dateline crawl --sources sites.toml crawls it"
        )
        crawled = dateline("crawl", "--sources", "sites.toml", *LOCAL, "--max-pages", "3")
    assert "3 saved" in crawled.out


def test_a_site_that_is_there_is_told_and_not_written_twice(dateline: Dateline, tmp_path: Path) -> None:
    with serving(paper(stories(8))) as site:
        for _ in range(2):
            result = dateline("add", f"{site.base}/", *LOCAL, "--yes")
        asked = len(site.asked)
        other = dateline("add", f"{site.base}/harbour", *LOCAL, "--yes")
        assert len(site.asked) == asked  # it need not be looked at
        looked = dateline("add", f"{site.base}/", *LOCAL, "--dry-run")
    assert (result.code, other.code, looked.code) == (0, 0, 0)
    assert all("sites.toml: has this site already, as [127-0-0-1]" in r.err for r in (result, other, looked))
    assert "front page" in looked.out
    assert (tmp_path / "sites.toml").read_text().count("[127-0-0-1]") == 1


def test_outside_a_terminal_nothing_is_written_unless_it_is_asked_for(dateline: Dateline, tmp_path: Path) -> None:
    with serving(paper(stories(5))) as site:
        result = dateline("add", f"{site.base}/", *LOCAL)
        assert (result.code, result.errors) == (0, ["dateline: nothing was written: add it with --yes"])
        assert f'[127-0-0-1]\nurl = "{site.base}/"' in result.out
        assert list(tmp_path.iterdir()) == []
        written = look(dateline, site, "--yes")
    assert written["written_to"] == "sites.toml"
    assert [source.urls for source in read_sources(tmp_path / "sites.toml")] == [(f"{site.base}/",)]


@pytest.mark.parametrize(("keys", "is_written"), [("y\r", True), ("\r", True), ("n\r", False), ("\x04", False)])
def test_a_person_is_asked_first(tmp_path: Path, keys: str, *, is_written: bool) -> None:
    with serving(paper(stories(5))) as site, terminal(command_of("add", f"{site.base}/", *LOCAL), tmp_path) as screen:
        screen.wait_for("Add it to sites.toml? [Y/n] ")
        screen.type(keys)
        assert screen.end() == 0
    assert (tmp_path / "sites.toml").exists() is is_written
    assert ("nothing was written" in screen.text) is not is_written
    assert all(len(line.rstrip()) <= 80 for line in screen.text.splitlines() if "dateline crawl" not in line)


@pytest.mark.parametrize(
    ("content", "said_of_it"),
    [("[first\n", "sites.toml: not TOML"), ('[first]\nurl = "x"\n', "sites.toml: [first] url: expected an address")],
)
def test_a_file_that_cannot_be_crawled_is_told_before_anything_is_asked(
    dateline: Dateline, tmp_path: Path, content: str, said_of_it: str
) -> None:
    (tmp_path / "sites.toml").write_text(content)
    with serving(paper(stories(5))) as site:
        result = dateline("add", f"{site.base}/", *LOCAL, "--yes")
        assert site.asked == []
    assert (result.code, len(result.errors)) == (2, 1)
    assert said_of_it in result.err
    assert (tmp_path / "sites.toml").read_text() == content


def test_a_file_that_cannot_be_written_ends_with_code_74(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with serving(paper(stories(5))) as site:
        result = dateline("add", f"{site.base}/", *LOCAL, "--yes", "--sources", "file/sites.toml")
    assert result.code == 74
    assert "file: Not a directory" in result.err


@pytest.mark.parametrize(
    "before",
    [
        "",
        'on_alarm = "mail me"\n',
        "# nothing yet",
        "\ufeff[a]\nurl = 'https://e.org'",
        "[a]\r\nurl = 'https://e.org'\r\n",
    ],
)
def test_every_file_of_sources_takes_a_table(tmp_path: Path, before: str) -> None:
    path = tmp_path / "sites.toml"
    path.write_bytes(before.encode())
    add_source(path, "b", {"url": "https://example.com/«ü»", "feeds": ["https://example.com/a?b=%22\\"]})
    assert path.read_bytes().startswith(before.encode())
    (*_, added) = read_sources(path)
    assert (added.name, added.urls, added.feeds) == (
        "b",
        ("https://example.com/«ü»",),
        ("https://example.com/a?b=%22\\",),
    )


def test_names_are_made_of_hosts_and_no_two_are_the_same() -> None:
    taken: list[str] = []
    for _ in range(3):
        taken.append(name_for("https://www.example.co.uk/a", taken))
    assert taken == ["example", "example-2", "example-3"]
    assert name_for("https://пример.рф/", ()).isascii()


def test_a_source_is_found_by_its_address_before_its_site() -> None:
    one = Source(name="one", urls=("https://example.org/world",))
    two = Source(name="two", urls=("https://example.org/sport",), feeds=("https://example.org/feed",))
    assert same_site((one, two), "https://example.org/feed") is two
    assert same_site((one, two), "http://www.example.org/") is one
    assert same_site((one, two), "https://example.net/") is None
