"""Addresses: which are the same page, which the same site."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.identity import canonical_key, host_of, registrable_domain, web_address

SAME = [
    ("https://example.org/a", "http://example.org/a"),
    ("https://example.org/a", "https://example.org:443/a"),
    ("https://example.org/a", "http://example.org:80/a/"),
    ("https://example.org/a", "https://www.example.org/a#comments"),
    ("https://example.org/a", "https://example.org/x/../a"),
    ("https://example.org/a", "https://example.org/./a?utm_source=feed&fbclid=1"),
    ("https://example.org/a?b=1&c=2", "https://example.org/a?c=2&b=1"),
    ("https://example.org/a", "https://example.org/a/amp/"),
    ("https://example.org/a", "https://example.org/amp/a"),
    ("https://example.org/a", "https://m.example.org/a"),
    ("https://www.example.org/a", "http://mobile.example.org/a/"),
    ("https://example.org/a", "https://example.org/a?amp=1"),
    ("https://example.org/a", "https://example.org/a?outputType=amp"),
    ("https://example.org/a", "https://example.org/a;jsessionid=F00"),
    ("https://example.org/a", "https://user:word@EXAMPLE.org/a"),
    ("https://example.org/%C3%A4", "https://example.org/ä"),
    ("https://xn--bcher-kva.example/", "https://bücher.example"),
]
DIFFERENT = [
    ("https://example.org/a", "https://example.org/b"),
    ("https://example.org/a", "https://example.org:8080/a"),
    ("https://example.org/a?id=1", "https://example.org/a?id=2"),
    ("https://example.org/a?cid=101", "https://example.org/a?cid=102"),
    ("https://example.org/a?gallery=1", "https://example.org/a?gallery=2"),
    ("https://example.org/a", "https://news.example.org/a"),
    ("https://example.org/a", "https://example.org/A"),
    ("https://example.org/amp", "https://example.org/amps"),
    ("https://m.org/a", "https://org/a"),
    ("https://mo.example.org/a", "https://example.org/a"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_key_is_the_same_for_spellings_of_one_page(one: str, other: str) -> None:
    assert canonical_key(one) == canonical_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_key_differs_for_different_pages(one: str, other: str) -> None:
    assert canonical_key(one) != canonical_key(other)


_SEGMENT = st.one_of(
    st.text(max_size=8), st.sampled_from(["amp", ".", "..", "a.amp", "b.amp.html", ";jsessionid=1", "%2e"])
)
_URLS = st.builds(
    "{}://{}{}/{}?{}#{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(
        [
            "example.org",
            "www.www.example.org",
            "amp.example.org",
            "m.example.org",
            "www.com",
            "127.0.0.1",
            "[::1]",
            "u@a.b.",
        ]
    ),
    st.sampled_from(["", ":80", ":443", ":8080", ":"]),
    st.lists(_SEGMENT, max_size=5).map("/".join),
    st.lists(st.builds("{}={}".format, st.text(max_size=5), st.text(max_size=5)), max_size=4).map("&".join),
    st.text(max_size=4),
)


@given(st.one_of(_URLS, st.text()))
def test_key_of_a_key_is_itself(url: str) -> None:
    key = canonical_key(url)
    assert canonical_key(key) == key


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://news.example.co.uk/a", "example.co.uk"),
        ("https://someone.blogspot.com/", "someone.blogspot.com"),
        ("http://127.0.0.1:8000/", "127.0.0.1"),
        ("http://localhost:8000/", "localhost"),
        ("http://one.site.localhost/", "one.site.localhost"),
        ("nothing", ""),
    ],
)
def test_domain_of_an_address(url: str, domain: str) -> None:
    assert registrable_domain(url) == domain


def test_host_of_a_broken_address_is_empty() -> None:
    assert host_of("http://[broken/") == ""


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("HTTP://Example.org/A", "http://Example.org/A"),
        ("/a\u3000b\u2028\x85", "https://example.org/a%E3%80%80b"),
        ("/a\x1bb\x7f", "https://example.org/a%1Bb%7F"),
        ("/\ud800", "https://example.org/%EF%BF%BD"),
        ("\x00/a", "https://example.org/a"),
        ("http://[::1]:80/", "http://[::1]:80/"),
        ("http://[::1]<", None),
        ("http://a[::1]", None),
        ("http://[fe80::1%25eth0]/", None),
        ("http://[example.org]/", None),
    ],
)
def test_web_address_is_one_that_can_be_asked_for_and_stored(href: str, address: str | None) -> None:
    assert web_address("https://example.org/", href) == address


def test_white_space_is_read_once_and_no_address_is_endless() -> None:
    assert web_address("https://example.org/", f"a{' ' * 2_000}b") == f"https://example.org/a{'%20' * 2_000}b"
    assert web_address("https://example.org/", f"a{' ' * 100_000}b") is None


@pytest.mark.parametrize(
    ("path", "bare"),
    [
        ("/a/.;/", "/a"),
        ("/a/b/..;/", "/a"),
        ("/a/.;x/", "/a/;x"),
        ("/a;/", "/a"),
        ("/a/.;/amp", "/a"),
        ("/a/.;jsessionid=1/b", "/a/b"),
        ("/a/..;sid=1/b", "/b"),
        ("/a/.b/..c", "/a/.b/..c"),
        ("/.;" * 2_000, "/"),
        ("/amp" * 20_000, "/"),
        ("/a" + ".amp" * 20_000, "/a"),
        ("/a" + ".amp" * 20_000 + ".html", "/a.html"),
        ("/amp" * 20_000 + "/a", "/a"),
    ],
)
def test_key_is_its_own_key_and_read_once_whatever_its_path(path: str, bare: str) -> None:
    key = canonical_key(f"https://example.org{path}")
    assert key == canonical_key(key) == f"https://example.org{bare}"


def test_key_of_a_host_that_ends_in_dots_is_its_own_key() -> None:
    key = canonical_key("http://\u00fc../")
    assert key == canonical_key(key) == "https://xn--tda/"


def test_a_user_and_password_are_left_out_of_every_address() -> None:
    assert web_address("https://example.org/", "http://me:p%40w@news.example.org/a") == "http://news.example.org/a"
    assert web_address("https://me:pw@example.org/b/", "a") == "https://example.org/b/a"
    assert web_address("", "http://good.example:80@127.0.0.1/") == "http://127.0.0.1/"
    assert web_address("", "https://example.org/mail/me@example.net") == "https://example.org/mail/me@example.net"
