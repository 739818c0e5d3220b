"""The pages of unknown sites that wait: enough of one site, or too many of all, and the oldest has waited enough."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from crawler import memories
from crawler.items import Extract, Page
from crawler.memories import Memories
from crawler.state import State
from crawler.workers import extract_page
from tests.warcs import article_of


def test_a_site_waits_until_its_pages_are_enough_or_those_of_all_sites_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memories, "MOST_WAITING", 4)
    monkeypatch.setattr(memories, "ENOUGH_PAGES", 3)
    state = State(tmp_path)
    known = Memories(state)
    page = Page(url="https://a.example/1", body=article_of("A ferry", 1), fetched_at=dt.date(2025, 5, 1))
    extract = extract_page(page)
    assert isinstance(extract, Extract)
    assert extract.trace is not None
    names = ("a.example", "b.example", "b.example", "c.example", "c.example", "c.example")
    told = []
    for number, name in enumerate(names):
        url = f"https://{name}/{number}"
        sites = known.wait(replace(page, url=url), url, replace(extract.trace, page=url))
        told.append(sites)
        for site in sites:
            known.begin(site)
    state.close()
    assert told == [[], [], [], [], ["a.example"], ["c.example"]]
    assert known.sites_waited_for() == ["b.example"]
