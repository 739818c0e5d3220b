"""Public suffixes, held against tldextract, whose list they are read from."""

from __future__ import annotations

import pytest
from tldextract import TLDExtract

from crawler.suffixes import _rules, registered, suffix_of

SAMPLE = sorted(_rules())[::25]
theirs = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@pytest.mark.parametrize("host", ["b.a.{}", "a.{}", "{}"])
def test_suffixes_are_those_of_tldextract(host: str) -> None:
    hosts = [host.format(rule.lstrip("!").replace("*", "x")) for rule in SAMPLE]
    expected = [theirs(name) for name in hosts]
    assert [suffix_of(name) for name in hosts] == [found.suffix for found in expected]
    assert [registered(name) for name in hosts] == [found.top_domain_under_public_suffix for found in expected]


@pytest.mark.parametrize(
    "host", ["", ".", "a", "a..com", ".com", "xn--", "xn--a.com", "例え。jp", "X.xn--P1AI", "1.2.3.4"]
)
def test_odd_names_are_read_as_tldextract_reads_them(host: str) -> None:
    found = theirs(host)
    assert (suffix_of(host), registered(host)) == (found.suffix, found.top_domain_under_public_suffix)
