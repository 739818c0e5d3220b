"""robots.txt as RFC 9309 has it, rule by rule; docs/manners.md tells where other parsers read it otherwise."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.address_patterns import comparable, read_pattern
from crawler.robots import read_robots
from crawler.robotstxt import MOST_BYTES, counted_part, parse_robots

SITE = "https://example.org"
ALL = "User-agent: *\n"

# section of the RFC and what is tried, a file, a path, whether it may be fetched by "Dateline"
CASES = [
    ("2.2.1 no group is for us: allowed", "User-agent: other\nDisallow: /", "/a", True),
    ("2.2.1 an empty file allows", "", "/a", True),
    ("2.2.1 the group for all, where none is ours", f"{ALL}Disallow: /", "/a", False),
    (
        "2.2.1 our group alone, where there is one",
        f"{ALL}Disallow: /\n\nUser-agent: Dateline\nDisallow: /b",
        "/a",
        True,
    ),
    ("2.2.1 whatever the order of groups", f"User-agent: Dateline\nDisallow: /b\n\n{ALL}Disallow: /", "/a", True),
    ("2.2.1 our group without rules allows", f"{ALL}Disallow: /\n\nUser-agent: Dateline\nDisallow:", "/a", True),
    ("2.2.1 names in any case", "USER-AGENT: dATELINE\nDISALLOW: /a", "/a", False),
    ("2.2.1 a version behind the product token", "User-agent: Dateline/1.0\nDisallow: /a", "/a", False),
    ("2.2.1 more words behind the product token", "User-agent: Dateline the crawler\nDisallow: /a", "/a", False),
    ("2.2.1 the beginning of a token is another token", "User-agent: date\nDisallow: /a", "/a", True),
    ("2.2.1 a longer token is another token", "User-agent: Dateline-news\nDisallow: /a", "/a", True),
    (
        "2.2.1 groups of one agent are one",
        "User-agent: dateline\nDisallow: /a\n\nUser-agent: b\nDisallow: /\n\nUser-agent: Dateline\nDisallow: /c",
        "/c",
        False,
    ),
    (
        "2.2.1 and the first of them counts, too",
        "User-agent: dateline\nDisallow: /a\nUser-agent: DATELINE\nDisallow: /c",
        "/a",
        False,
    ),
    ("2.2.1 groups for all are one", f"{ALL}Disallow: /a\n\n{ALL}Disallow: /c", "/a", False),
    (
        "2.2.1 several agents share a group",
        "User-agent: x\nUser-agent: dateline\nUser-agent: y\nDisallow: /a",
        "/a",
        False,
    ),
    ("2.2.1 a rule ends the row of agents", "User-agent: dateline\nDisallow:\nUser-agent: y\nDisallow: /a", "/a", True),
    (
        "2.2.1 a rule that cannot be read does, too",
        "User-agent: dateline\nDisallow: x\nUser-agent: y\nDisallow: /a",
        "/a",
        True,
    ),
    ("2.2.1 an empty line does not", "User-agent: dateline\n\n\nUser-agent: y\n\nDisallow: /a", "/a", False),
    ("2.2.1 rules before any agent are for nobody", f"Disallow: /a\n{ALL}Disallow: /b", "/a", True),
    ("2.2.1 an agent without a name is nobody", "User-agent:\nDisallow: /a", "/a", True),
    ("2.2.2 nothing matches: allowed", f"{ALL}Disallow: /a", "/b", True),
    ("2.2.2 a rule is the beginning of a path", f"{ALL}Disallow: /a", "/abc/d", False),
    ("2.2.2 paths have a case", f"{ALL}Disallow: /A", "/a", True),
    ("2.2.2 the longest rule decides: allow", f"{ALL}Disallow: /\nAllow: /news/", "/news/1", True),
    ("2.2.2 the longest rule decides: disallow", f"{ALL}Allow: /news/\nDisallow: /news/draft", "/news/draft-1", False),
    ("2.2.2 of two as long the one that allows", f"{ALL}Disallow: /a\nAllow: /a", "/a", True),
    ("2.2.2 in either order", f"{ALL}Allow: /a\nDisallow: /a", "/a", True),
    ("2.2.2 octets of one spelling are compared", f"{ALL}Disallow: /%e3%83%84\nAllow: /ツ", "/ツ", True),
    ("2.2.2 an empty rule is none", f"{ALL}Disallow:\nAllow:", "/a", True),
    ("2.2.2 no rule without a slash or a star", f"{ALL}Disallow: a", "/a", True),
    ("2.2.2 a query is part of it", f"{ALL}Disallow: /a?b=", "/a?b=1", False),
    ("2.2.2 a fragment is not", f"{ALL}Disallow: /a$", "/a#top", False),
    ("2.2.2 no path is the slash", f"{ALL}Disallow: /$", "", False),
    ("2.2.2 robots.txt itself is allowed", f"{ALL}Disallow: /", "/robots.txt", True),
    ("2.2.2 with a query it is another address", f"{ALL}Disallow: /", "/robots.txt?a", False),
    ("2.2.2 a folder's index allows no folder", f"{ALL}Disallow: /\nAllow: /x/index.html", "/x/", False),
    ("2.2.2 what is beyond ASCII is its octets", f"{ALL}Disallow: /foo/bar/ツ", "/foo/bar/%E3%83%84", False),
    ("2.2.2 either way round", f"{ALL}Disallow: /foo/bar/%E3%83%84", "/foo/bar/ツ", False),
    ("2.2.2 in either case of digits", f"{ALL}Disallow: /foo/bar/%e3%83%84", "/foo/bar/%E3%83%84", False),
    ("2.2.2 unreserved letters are themselves", f"{ALL}Disallow: /foo/bar/%62%61%7A", "/foo/bar/baz", False),
    ("2.2.2 either way round", f"{ALL}Disallow: /foo/bar/baz", "/foo/bar/%62%61%7A", False),
    ("2.2.2 reserved ones are not", f"{ALL}Disallow: /a/b", "/a%2Fb", True),
    ("2.2.2 reserved ones are not, either way round", f"{ALL}Disallow: /a%2Fb", "/a/b", True),
    ("2.2.2 an address in a query", f"{ALL}Disallow: /foo?u=https://foo.bar", "/foo?u=https%3A%2F%2Ffoo.bar", False),
    ("2.2.2 either way round", f"{ALL}Disallow: /foo?u=https%3a%2f%2ffoo.bar", "/foo?u=https://foo.bar", False),
    ("2.2.2 a lone percent sign is itself", f"{ALL}Disallow: /100%", "/100%-sure", False),
    ("2.2.3 a comment", f"{ALL}Disallow: /a # b\n#Disallow: /c", "/c", True),
    ("2.2.3 and what stands before it", "User-agent: * # all\nDisallow: /a#b", "/a", False),
    ("2.2.3 the end of a path", f"{ALL}Disallow: /a.php$", "/a.php", False),
    ("2.2.3 is the end of its query", f"{ALL}Disallow: /a.php$", "/a.php?b", True),
    ("2.2.3 a dollar sign in the midst is itself", f"{ALL}Disallow: /a$b", "/a$b", False),
    ("2.2.3 at the end it is not", f"{ALL}Disallow: /a$", "/a$", True),
    ("2.2.3 encoded it is", f"{ALL}Disallow: /a%24", "/a$b", False),
    ("2.2.3 anything in between", f"{ALL}Disallow: /a*c", "/a/b/c/d", False),
    ("2.2.3 also nothing", f"{ALL}Disallow: /a*c", "/ac", False),
    ("2.2.3 several stars", f"{ALL}Disallow: /a*b*c", "/a1b2c3", False),
    ("2.2.3 in their order", f"{ALL}Disallow: /a*b*c", "/a1c2b3", True),
    ("2.2.3 a star at the beginning", f"{ALL}Disallow: *.pdf", "/x/y.pdf", False),
    ("2.2.3 a star at the end is nothing more", f"{ALL}Disallow: /a*", "/a", False),
    ("2.2.3 a star and an end", f"{ALL}Disallow: /*.pdf$", "/x.pdf/y", True),
    ("2.2.3 whose last text may stand twice", f"{ALL}Disallow: /*.pdf$", "/x.pdf.pdf", False),
    ("2.2.3 texts do not overlap", f"{ALL}Disallow: /ab*ba$", "/aba", True),
    ("2.2.3 a star before the end", f"{ALL}Disallow: /a*$", "/abc", False),
    ("2.2.3 an encoded star is itself", f"{ALL}Disallow: /file-%2A.html", "/file-*.html", False),
    ("2.2.3 and nothing else", f"{ALL}Disallow: /file-%2A.html", "/file-b.html", True),
    (
        "2.2.4 another record ends no row of agents",
        "User-agent: dateline\nSitemap: /s\nUser-agent: y\nDisallow: /a",
        "/a",
        False,
    ),
    ("2.2.4 none does", "User-agent: dateline\nCrawl-delay: 1\nHost: x\nUser-agent: y\nDisallow: /a", "/a", False),
    ("2.2.4 nor one that nobody knows", "User-agent: dateline\nNonsense: 1\nUser-agent: y\nDisallow: /a", "/a", False),
    ("2.2 white space round names and values", " User-agent :\t* \n  Disallow\t:  /a  ", "/a", False),
    ("2.2 lines that are none", f"{ALL}<html>\n:::\n\0\nnonsense\nDisallow: /a", "/a", False),
    ("2.2 a forgotten colon", "User-agent *\nDisallow /a", "/a", False),
    ("2.2 common misspellings", "Useragent: *\nDissallow: /a", "/a", False),
    ("2.2 lines end with CR LF", "User-agent: *\r\nDisallow: /a\r\n", "/a", False),
    ("2.2 with CR", "User-agent: *\rDisallow: /a\r", "/a", False),
    ("2.2 with all in turn", "User-agent: *\r\n\rDisallow: /b\nDisallow: /a", "/a", False),
    ("2.2 with nothing else", f"{ALL}# a form feed\x0cDisallow: /a\n# a separator\u2028Disallow: /a", "/a", True),
    ("2.2 the last line without an end", f"{ALL}Disallow: /a", "/a", False),
    ("2.3 a byte order mark", f"\ufeff{ALL}Disallow: /a", "/a", False),
]


@pytest.mark.parametrize(("text", "path", "is_allowed"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_robots_txt_is_read_as_rfc_9309_says(text: str, path: str, *, is_allowed: bool) -> None:
    assert parse_robots(text.encode(), "Dateline").allows(SITE + path) is is_allowed


@pytest.mark.parametrize(
    ("status", "is_allowed"),
    [
        (200, False),
        (301, True),
        (310, True),
        (400, True),
        (401, True),
        (403, True),
        (404, True),
        (410, True),
        (429, False),
        (500, False),
        (502, False),
        (503, False),
        (599, False),
    ],
)
def test_status_decides_where_there_is_no_file(status: int, *, is_allowed: bool) -> None:
    assert read_robots(status, b"User-agent: *\nDisallow: /a", "Dateline").allows(f"{SITE}/a") is is_allowed


def test_file_is_read_to_500_kib_and_beyond_nothing() -> None:
    rule = b"User-agent: *\nDisallow: /a\n"
    filling = b"# filling\n" * 51_150
    assert not read_robots(200, filling[: 500 * 1024 - len(rule)] + b"\n" + rule, "x").allows(f"{SITE}/a")
    assert read_robots(200, filling * 2 + rule, "x").allows(f"{SITE}/a")


def test_line_that_the_limit_cuts_is_not_read() -> None:
    head = b"User-agent: *\n#"
    body = head + b"x" * (MOST_BYTES - len(head) - 12) + b"\nDisallow: /private/"  # ends with "Disallow: /" there
    assert body[:MOST_BYTES].endswith(b"\nDisallow: /")
    assert read_robots(200, body, "x").allows(f"{SITE}/news")


@pytest.mark.parametrize(
    "body",
    [b"\x00\xff\xfe\x80" * 100, b"<!doctype html><title>Not found</title><p>Disallow: nothing", bytes(range(256)) * 9],
    ids=["binary", "an error page", "every octet"],
)
def test_file_that_is_none_forbids_nothing(body: bytes) -> None:
    assert read_robots(200, body, "Dateline").allows(f"{SITE}/a")


def test_utf_16_is_read_where_its_mark_says_so() -> None:
    assert not parse_robots("User-agent: *\nDisallow: /a".encode("utf-16"), "x").allows(f"{SITE}/a")


@pytest.mark.parametrize(
    ("text", "delay_s"),
    [
        (f"{ALL}Crawl-delay: 2.5", 2.5),
        (f"{ALL}Crawl-delay: 900", 60.0),
        (f"{ALL}Crawl-delay: inf", 60.0),
        (f"{ALL}Crawl-delay: nan", None),
        (f"{ALL}Crawl-delay: -1", None),
        (f"{ALL}Crawl-delay: soon", None),
        (f"{ALL}Crawl-delay: 2\nCrawl-delay: 5\nCrawl-delay: 3", 5.0),
        ("User-agent: slow\nCrawl-delay: 9\n\nUser-agent: *\nDisallow: /a", None),
        (f"{ALL}Crawl-delay: 9\n\nUser-agent: dateline\nDisallow: /a", None),
        ("Crawl-delay: 9\nUser-agent: *\nDisallow: /a", None),
    ],
)
def test_crawl_delay_is_that_of_our_group_and_bounded(text: str, delay_s: float | None) -> None:
    assert parse_robots(text.encode(), "Dateline").crawl_delay_s == delay_s


def test_sitemaps_are_for_all_and_named_once() -> None:
    text = "Sitemap: https://e.org/s.xml\nUser-agent: other\nSitemap: /t.xml\nDisallow: /\nsitemap:https://e.org/s.xml"
    assert parse_robots(text.encode(), "Dateline").sitemaps == ("https://e.org/s.xml", "/t.xml")


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        (f"{ALL}Content-Signal: search=yes, ai-train=no, ai-input=no", "/a", "ai-input=no, ai-train=no, search=yes"),
        (f"{ALL}content-signal: AI-Train = No", "/a", "ai-train=no"),
        ("Content-Signal: ai-train=no\nUser-agent: *\nAllow: /", "/a", "ai-train=no"),
        ("User-agent: other\nContent-Signal: ai-train=no\nDisallow: /", "/a", ""),
        (
            f"{ALL}Content-Signal: ai-train=no\n\nUser-agent: Dateline\nContent-Signal: ai-train=yes",
            "/a",
            "ai-train=yes",
        ),
        (
            f"{ALL}Content-Signal: ai-train=yes\nContent-Signal: ai-train=no\nContent-Signal: ai-train=yes",
            "/a",
            "ai-train=no",
        ),
        (f"{ALL}Content-Signal: ai-train=no\nContent-Signal: /open/ ai-train=yes", "/open/a", "ai-train=yes"),
        (f"{ALL}Content-Signal: ai-train=no\nContent-Signal: /open/ ai-train=yes", "/a", "ai-train=no"),
        (f"{ALL}Content-Signal: /blog/ search=no", "/a", ""),
        (f"{ALL}Content-Signal: ai-train=maybe, nonsense, search=nope, x=yes", "/a", "x=yes"),
    ],
)
def test_content_signals_are_those_of_our_group_and_the_longest_path(text: str, path: str, said: str) -> None:
    assert parse_robots(text.encode(), "Dateline").content_signals(SITE + path) == said


@given(st.text(alphabet="/ab*$%2?", max_size=12), st.text(alphabet="/ab*$%2?", max_size=12))
def test_pattern_matches_as_a_regular_expression_would(pattern: str, path: str) -> None:
    read = read_pattern(f"/{pattern}")
    assert read is not None
    whole = comparable(f"{SITE}/{path}")
    spelled = f"/{pattern}"
    anchored = spelled.endswith("$")
    parts = [comparable(f"{SITE}/{part}")[1:] for part in spelled.removesuffix("$")[1:].split("*")]
    if any("?" in part for part in parts) or "?" in path:
        return  # what is one thing in a query is told by the cases above
    expected = re.compile("/" + ".*".join(map(re.escape, parts)) + ("$" if anchored else ""), re.DOTALL)
    assert read.matches(whole) == bool(expected.match(whole))


def test_file_of_hostile_rules_costs_no_more_than_it_is_long() -> None:
    dice = random.Random(9309)  # noqa: S311  no secret
    lines = ("Disallow: /" + "*a" * dice.randrange(1, 900) + "$" for _ in range(600))
    robots = parse_robots(counted_part(("User-agent: *\n" + "\n".join(lines)).encode()), "x")
    assert len(robots.rules) > 400
    assert robots.allows(f"{SITE}/{'a' * 2000}b")
