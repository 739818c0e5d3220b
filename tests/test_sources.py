"""The file of sources: what it gives, and how its errors read."""

from pathlib import Path

import pytest

from crawler.errors import ConfigError
from crawler.site import Site
from crawler.sources import Source, addresses, read_sources, sources_of

GOOD = """
[one]
url = "https://example.org/"
feeds = ["https://feeds.example.net/one"]
sitemaps = "https://example.org/map.xml"
hosts = ["cdn.example.net"]
language = "pt-BR"
country = "BR"
zone = "America/Sao_Paulo"
delay = 2

[two]
url = ["https://example.com/a", "https://example.com/b"]
"""
BAD = [
    ("[a]\nurl = 3", r"\[a\] url: expected a text in quotes or a list of such, found 3"),
    ("[a]\nfeeds = []", r"\[a\] url: missing: expected the address of a front page"),
    ('[a]\nurl = "ftp://example.org/"', r"\[a\] url: expected an address that begins with http:// or https://"),
    ('[a]\nurl = "https://me:pw@example.org/"', r"\[a\] url: expected an address without a user and password: none"),
    ('[a]\nurl = "https://example.org:x/"', r"\[a\] url: expected an address"),
    ('[a]\nurl = "https://e.org"\nevery = "often"', r"\[a\] every: expected a time from 1m to 30d, .* found 'often'"),
    ('[a]\nurl = "https://e.org"\nevery = "31d"', r"\[a\] every: expected a time from 1m to 30d, .* found '31d'"),
    ('[a]\nurl = "https://e.org"\nlangauge = "de"', r"\[a\] langauge: unknown key; did you mean language\?"),
    ('[a]\nurl = "https://e.org"\nxyz = 1', r"\[a\] xyz: unknown key; expected one of url, feeds, sitemaps"),
    (
        '[a]\nurl = "https://e.org"\nlanguage = "German"',
        r"\[a\] language: expected a code such as de or pt-BR, found 'German'",
    ),
    ('[a]\nurl = "https://e.org"\ncountry = "deu"', r"\[a\] country: expected two letters such as de, found 'deu'"),
    (
        '[a]\nurl = "https://e.org"\nzone = "Europe/Kiew"',
        r"\[a\] zone: .* found 'Europe/Kiew'; did you mean Europe/Kiev",
    ),
    ('[a]\nurl = "https://e.org"\nzone = "../etc"', r"\[a\] zone: expected a time zone"),
    ('[a]\nurl = "https://e.org"\ndelay = -1', r"\[a\] delay: expected seconds from 0 to 3600, found -1"),
    ('[a]\nurl = "https://e.org"\ndelay = true', r"\[a\] delay: expected seconds"),
    (
        '[a]\nurl = "https://e.org"\nhosts = ["a b"]',
        r"\[a\] hosts: expected a host such as news.example.org, found 'a b'",
    ),
    ('url = "https://e.org"', r"\[url\]: expected a table"),
    ("[a", r"not TOML: Expected ']'"),
    ("", r"no table: expected one for each site"),
]


def test_good_file_gives_a_source_for_each_table(tmp_path: Path) -> None:
    file = tmp_path / "sites.toml"
    file.write_text(GOOD)
    one, two = read_sources(file)
    assert one == Source(
        name="one",
        urls=("https://example.org/",),
        feeds=("https://feeds.example.net/one",),
        sitemaps=("https://example.org/map.xml",),
        hosts=("cdn.example.net",),
        delay_s=2.0,
        site=Site(language="pt-BR", country="br", zone="America/Sao_Paulo"),
    )
    assert one.sites == {"example.org", "example.net"}
    assert two == Source(name="two", urls=("https://example.com/a", "https://example.com/b"))


@pytest.mark.parametrize(("text", "message"), BAD)
def test_error_names_file_table_key_and_what_was_expected(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "sites.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=f"sites.toml: {message}"):
        read_sources(file)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none.toml: cannot be read: No such file"):
        read_sources(tmp_path / "none.toml")


def test_addresses_become_sources_once_each() -> None:
    assert [
        source.urls for source in sources_of(["example.org", "https://example.org", " http://127.0.0.1:8000/ "])
    ] == [
        ("https://example.org",),
        ("http://127.0.0.1:8000/",),
    ]


@pytest.mark.parametrize("url", ["ftp://example.org", "https://", "http://[x", "https://exa mple.org"])
def test_what_is_no_address_is_named(url: str) -> None:
    with pytest.raises(ConfigError, match="expected an address that begins with http"):
        sources_of([url])


def test_addresses_are_split_at_space_and_comma() -> None:
    assert addresses("http://127.0.0.2:80/,http://127.0.0.3/x,y\nexample.org") == [
        "http://127.0.0.2:80/",
        "http://127.0.0.3/x,y",
        "https://example.org",
    ]
