"""What is said of the rights in a page: by itself, its headers and its site's files; and what a run makes of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial

import pytest

from crawler.extraction.extract import extract
from crawler.extraction.rights import robots_rules
from crawler.items import Extract, Outcome, Page, Reason, Refused
from crawler.packing import pack, unpack
from crawler.policy import Policy, accepted, reserved
from crawler.tdmrep import parse_tdmrep, reservation_of
from crawler.verdict import Ended, is_final
from tests.conftest import PUBLISHED, article_html

NOW = dt.datetime(2025, 5, 1, 12, tzinfo=dt.UTC)
Pairs = tuple[tuple[str, str], ...]


def read(head: str = "", headers: Pairs = (), site_rights: Pairs = ()) -> Extract:
    page = Page(
        url="https://example.org/news/bridge",
        body=article_html(head=PUBLISHED + head),
        fetched_at=NOW,
        headers=headers,
        site_rights=site_rights,
    )
    found = extract(page)
    assert isinstance(found, Extract)
    return found


def meta(name: str, content: str) -> str:
    return f'<meta name="{name}" content="{content}">'


@pytest.mark.parametrize(
    ("value", "rules"),
    [
        ("noindex", [("noindex", "")]),
        ("NoIndex, NOFOLLOW", [("noindex", ""), ("nofollow", "")]),
        ("otherbot: noindex, nofollow", []),
        ("noai, otherbot: noindex, dateline: noarchive", [("noai", ""), ("noarchive", "")]),
        ("Dateline: none", [("none", "")]),
        ("*: noindex", [("noindex", "")]),
        ("max-snippet: 20, noindex", [("max-snippet", "20"), ("noindex", "")]),
        ("unavailable_after: 25 Jun 2010 15:00:00 GMT", [("unavailable_after", "25 Jun 2010 15:00:00 GMT")]),
        (
            "unavailable_after: Friday, 25-Jun-10 15:00:00 GMT, noai",
            [("unavailable_after", "Friday, 25-Jun-10 15:00:00 GMT"), ("noai", "")],
        ),
        (" , ,:,", []),
        ("", []),
    ],
)
def test_rules_of_a_header_are_those_for_all_and_for_us(value: str, rules: list[tuple[str, str]]) -> None:
    assert list(robots_rules(value)) == rules


@pytest.mark.parametrize(
    ("head", "headers", "robots"),
    [
        (meta("robots", "noindex, max-snippet:20"), (), "noindex"),
        (meta("ROBOTS", "NOARCHIVE NOAI"), (), "noai, noarchive"),
        (meta("dateline", "noimageai"), (), "noimageai"),
        (meta("googlebot", "noindex"), (), None),
        (
            meta("robots", "noai"),
            (("x-robots-tag", "nosnippet"), ("x-robots-tag", "otherbot: noindex")),
            "noai, nosnippet",
        ),
        ("", (("x-robots-tag", "none"),), "none"),
        (meta("robots", "index, follow"), (), None),
        (meta("robots", "unavailable_after: 2025-04-30"), (), "unavailable_after"),
        (meta("robots", "unavailable_after: Fri, 02 May 2025 12:00:00 GMT"), (), None),
        ("", (("x-robots-tag", "unavailable_after: 30 Apr 2025 12:00:00 GMT"),), "unavailable_after"),
        ("", (("x-robots-tag", "unavailable_after: soon"),), None),
    ],
)
def test_rules_of_page_and_headers_add_up(head: str, headers: Pairs, robots: str | None) -> None:
    assert read(head, headers).rights.get("robots") == robots


@pytest.mark.parametrize(
    ("head", "headers", "site_rights", "said"),
    [
        ("", (), (), (None, None)),
        ("", (), (("tdm_reservation", "1"), ("tdm_policy", "https://e.org/p")), ("1", "https://e.org/p")),
        ("", (("tdm-reservation", "0"),), (("tdm_reservation", "1"), ("tdm_policy", "https://e.org/p")), ("0", None)),
        (meta("tdm-reservation", "1"), (("tdm-reservation", "0"), ("tdm-policy", "/p")), (), ("1", None)),
        (meta("tdm-policy", "/q"), (("tdm-reservation", "1"), ("tdm-policy", "/p")), (), ("1", "/p")),
        (meta("tdm-reservation", "1") + meta("tdm-policy", "/q"), (("tdm-policy", "/p"),), (), ("1", "/q")),
    ],
)
def test_page_goes_before_header_and_header_before_file(
    head: str, headers: Pairs, site_rights: Pairs, said: tuple[str | None, str | None]
) -> None:
    rights = read(head, headers, site_rights).rights
    assert (rights.get("tdm_reservation"), rights.get("tdm_policy")) == said


def test_record_says_where_rights_were_read() -> None:
    found = read(meta("robots", "noai"), (("x-robots-tag", "nosnippet"),), (("content_signal", "ai-train=no"),))
    assert found.rights == {"robots": "noai, nosnippet", "content_signal": "ai-train=no"}
    assert found.sources["rights"] == "declared, header, site"


TDMREP = b"""[{"location": "/news/open/", "tdm-reservation": 0},
 {"location": "/news/*.pdf$", "tdm-reservation": "1", "tdm-policy": "https://e.org/policy.json"},
 {"location": "/news/", "tdm-reservation": 1}, {"location": "/news/late", "tdm-reservation": 0}]"""


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/news/open/a", ("0", "")),
        ("/news/a.pdf", ("1", "https://e.org/policy.json")),
        ("/news/a.pdf?b", ("1", "")),
        ("/news/late", ("1", "")),  # the first that matches
        ("/sport/a", None),
    ],
)
def test_first_location_that_matches_decides(path: str, said: tuple[str, str] | None) -> None:
    found = reservation_of(f"https://e.org{path}", parse_tdmrep(TDMREP))
    assert (found and (found.reservation, found.policy)) == said


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"\xff\xfe", b"[" * 100_000, b"7", b"null", b'"x"', b"[1, null, {}]", b'[{"location": 1}]'),
        b'[{"location": "/", "tdm-reservation": 2}]',
        b'[{"location": "x", "tdm-reservation": 1}]',
    ],
)
def test_file_that_is_no_list_of_reservations_reserves_nothing(body: bytes) -> None:
    assert parse_tdmrep(body) == ()


CRAWL = Policy(obeys_noindex=True)
MINING = Policy(obeys_noindex=True, respects_tdm=True)


@pytest.mark.parametrize(
    ("rights", "policy", "refused"),
    [
        ({"robots": "noindex"}, CRAWL, (Reason.NOINDEX, "noindex")),
        ({"robots": "noai, noarchive"}, CRAWL, (Reason.NOINDEX, "noarchive")),
        ({"robots": "none"}, CRAWL, (Reason.NOINDEX, "none")),
        ({"robots": "unavailable_after"}, CRAWL, (Reason.NOINDEX, "unavailable_after")),
        ({"robots": "noai, nosnippet, noimageai"}, CRAWL, None),
        ({"robots": "noindex"}, Policy(), None),
        ({"tdm_reservation": "1", "content_signal": "ai-train=no"}, CRAWL, None),
        ({"tdm_reservation": "1"}, MINING, (Reason.RESERVED, "tdm-reservation")),
        ({"tdm_reservation": "0"}, MINING, None),
        ({"robots": "noai"}, MINING, (Reason.RESERVED, "noai")),
        (
            {"content_signal": "ai-input=no, ai-train=no, search=yes"},
            MINING,
            (Reason.RESERVED, "ai-input=no, ai-train=no"),
        ),
        ({"content_signal": "ai-train=yes, search=yes"}, MINING, None),
        ({"license": "https://e.org/terms"}, MINING, None),
    ],
)
def test_policy_decides_what_is_kept(
    rights: dict[str, str], policy: Policy, refused: tuple[Reason, str] | None
) -> None:
    found = accepted(replace(read(), rights=rights), policy)
    assert (isinstance(found, Refused) and (found.reason, found.detail)) == (refused or False)


def test_end_is_final_while_the_run_wants_it_so() -> None:
    noindex = Ended(url="", outcome=Outcome.RESERVED, reason=Reason.NOINDEX, at="")
    mining = replace(noindex, reason=Reason.RESERVED)
    assert [is_final(noindex, 1, policy) for policy in (CRAWL, MINING, Policy())] == [True, True, False]
    assert [is_final(mining, 1, policy) for policy in (CRAWL, MINING, Policy())] == [False, True, False]


def test_page_that_waits_keeps_what_is_said_of_it() -> None:
    page = Page(
        url="https://e.org/a",
        body=b"x",
        fetched_at=NOW,
        headers=(("x-robots-tag", "noai"), ("x-robots-tag", "noindex")),
        site_rights=(("tdm_reservation", "1"),),
    )
    assert unpack(pack(page, "https://e.org/")) == (page, "https://e.org/")


def test_page_that_an_earlier_version_packed_still_opens() -> None:
    page = Page(url="https://e.org/a", body=b"x", fetched_at=NOW)
    packed = pack(page, "https://e.org/").replace(b'"headers": [], ', b"").replace(b'"site_rights": [], ', b"")
    assert b"headers" not in packed
    assert b"site_rights" not in packed
    assert unpack(packed) == (page, "https://e.org/")


def test_page_that_is_not_to_be_kept_is_read_no_further_than_to_what_says_so() -> None:
    page = Page(url="https://example.org/", body=b'<meta name="robots" content="noindex">', fetched_at=NOW)
    kept, left = extract(page), extract(page, reserved=partial(reserved, policy=CRAWL))
    assert [found.reason for found in (kept, left) if isinstance(found, Refused)] == [Reason.INDEX, Reason.NOINDEX]
