"""The pages of unknown sites that wait: enough of one site, or too many of all, and the oldest has waited enough."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from crawler import memories
from crawler.items import Page
from crawler.memories import Memories
from crawler.site import Trace
from crawler.state import State


def test_a_site_waits_until_its_pages_are_enough_or_those_of_all_sites_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memories, "MOST_WAITING", 4)
    monkeypatch.setattr(memories, "ENOUGH_PAGES", 3)
    state = State(tmp_path)
    known = Memories(state)
    shown = Trace(page="", day="2025-05-01", title=(), author=0, section=0, sightings=(), places=(), is_sure=True)
    names = ("a.example", "b.example", "b.example", "c.example", "c.example", "c.example")
    told = []
    for number, name in enumerate(names):
        url = f"https://{name}/{number}"
        page = Page(url=url, body=b"<p>A ferry", fetched_at=dt.date(2025, 5, 1))
        sites = known.wait(page, url, replace(shown, page=url))
        told.append(sites)
        for site in sites:
            known.begin(site)
    state.close()
    assert told == [[], [], [], [], ["a.example"], ["c.example"]]
    assert known.sites_waited_for() == ["b.example"]
