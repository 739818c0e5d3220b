"""What is handed out to a cluster, to whom, and again: units, batches, deaths; without a cluster."""

from __future__ import annotations

import datetime as dt
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crawler.cluster import handing
from crawler.cluster.handing import FEWER_AFTER, MOST_DEATHS, Handing, Plan
from crawler.cluster.units import Unit, archive_units, due_of, units_of
from crawler.cluster.work import Answer, Come, Work
from crawler.polling import Polled
from crawler.report import Tally
from crawler.sources import Source
from crawler.state import Url
from crawler.told import Told

NOW = dt.datetime(2025, 4, 26, 12, tzinfo=dt.UTC)


def source(name: str, *urls: str, **more: object) -> Source:
    return Source(name=name, urls=urls or (f"https://{name}.example/",), **more)  # type: ignore[arg-type]


def units(*names: str) -> deque[Unit]:
    return deque(Unit(names=(name,), sources=(source(name),)) for name in names)


def test_sources_that_share_a_domain_over_others_are_one_unit() -> None:
    first = source("first", "https://news.example.org/", feeds=("https://feeds.example.net/first",))
    second = source("second", "https://example.com/", hosts=("example.net",))
    third = source("third", "http://127.0.0.3:8000/")
    fourth = source("fourth", "http://127.0.0.3:9000/")
    fifth = source("fifth", "https://shop.example.com/")
    found = units_of([first, third, second, fourth, fifth])
    assert [[s.name for s in unit.sources] for unit in found] == [["first", "second", "fifth"], ["third", "fourth"]]
    assert found[0].names == ("example.org", "example.net", "example.com")
    assert found[1].names == ("127.0.0.3",)


def test_two_blogs_below_a_shared_suffix_are_two_units() -> None:
    assert len(units_of([source("a", "https://one.blogspot.com/"), source("b", "https://two.blogspot.com/")])) == 2


def test_sources_are_due_by_their_rhythm_and_those_that_waited_longest_come_first() -> None:
    asked = {
        name: Polled(url=f"https://{name}.example/", asked_at=NOW - dt.timedelta(minutes=minutes))
        for name, minutes in (("late", 300), ("early", 80), ("resting", 10), ("named", 10))
    }
    polled = {known.url: known for known in asked.values()}
    sources = [source("resting"), source("early"), source("late"), source("named", is_named=True)]
    due = due_of(sources, polled, NOW)
    assert [s.name for s in due.sources] == ["late", "early", "named"]
    assert due.resting == {"https://resting.example/": NOW - dt.timedelta(minutes=10) + dt.timedelta(minutes=54)}
    assert len(due_of(sources, polled, NOW, is_full=True).sources) == 4


def test_archives_are_a_unit_each_and_saved_pages_one_a_folder(tmp_path: Path) -> None:
    for name in ("a.warc.gz", "b.warc", "pages/1.html", "pages/2.html.gz", "pages/note.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found = archive_units([str(tmp_path), "https://archive.example/c.warc.gz"])
    assert [len(unit.archives) for unit in found] == [1, 1, 2, 1]
    assert found[2].names == (f"archive {tmp_path / 'pages'}",)
    assert found[3].archives == ("https://archive.example/c.warc.gz",)


def test_what_processes_tell_adds_up() -> None:
    whole = Told()
    for number in (1, 2):
        tally = Tally()
        tally.find(f"https://a.example/{number}", "https://a.example/")
        tally.fail("https://a.example/", "host not found")
        tally.passed_over = {"too old": number}
        whole.add(Told(tally=tally, files={"day.jsonl": number}, news=[f"news {number}"]))
    tally = Tally()
    tally.source("https://a.example/").runs = 1  # it came to its end at last
    whole.add(Told(tally=tally))
    assert (whole.tally.found, whole.tally.passed_over, whole.tally.failed_sources) == (2, {"too old": 3}, {})
    assert whole.files == {"day.jsonl": 3}
    assert whole.tally.sources["https://a.example/"].found == 2


@dataclass
class Fleet:
    """Workers that answer as they are told to, at once."""

    answer: Callable[[Work], Told | None]
    slots: int = 2
    given: list[list[str]] = field(default_factory=list)
    running: list[Work] = field(default_factory=list)
    stops: int = 0
    saved: int = 0  # by each process

    def free(self) -> list[str]:
        return ["worker"] * (self.slots - len(self.running))

    def look(self) -> None:
        pass

    def give(self, work: Work, address: str) -> None:  # noqa: ARG002  as the fleet has it
        self.given.append([unit.title for unit in work.units])
        self.running.append(work)

    def ended(self, within_s: float) -> Iterator[Answer]:  # noqa: ARG002
        if self.running:
            work = self.running.pop(0)
            yield Answer(work=work, told=self.answer(work), why="killed", come=Come(saved=self.saved))

    def stop(self) -> None:
        self.stops += 1

    def come(self) -> Mapping[str, Come]:
        return {}


def plan(largest: int = 3) -> Plan:
    def work(number: str, of: tuple[Unit, ...]) -> Work:
        return Work(id=number, spider="news", units=of, state=Url("postgresql://x"), settings={}, lease_s=0.0)

    return Plan(work=work, lease_s=0.0, largest=largest)


def handed(fleet: Fleet, names: Sequence[str], largest: int = 3) -> Handing:
    run = Handing(plan(largest), units(*names))
    assert run.run(fleet, lambda: False)
    return run


def test_units_are_handed_out_in_batches_each_once() -> None:
    fleet = Fleet(lambda _: Told())
    assert handed(fleet, "abcdefgh").done == 8
    assert fleet.given == [["a", "b", "c"], ["d", "e", "f"], ["g", "h"]]


def test_what_a_dead_process_had_is_given_to_another() -> None:
    deaths = iter([None])
    fleet = Fleet(lambda _: next(deaths, Told()))
    done = handed(fleet, "abcd", largest=2)
    assert (done.done, done.died) == (4, {"killed": 1})
    assert Counter(name for batch in fleet.given for name in batch) == {"a": 2, "b": 2, "c": 1, "d": 1}


def test_a_unit_that_kills_its_processes_dies_alone_and_is_told() -> None:
    fleet = Fleet(lambda work: None if any(unit.title == "deadly" for unit in work.units) else Told())
    run = handed(fleet, ["a", "deadly", "b", "c"])
    assert run.done == 4
    assert [(unit.title, why) for unit, why in run.lost] == [
        ("deadly", f"its crawl died {MOST_DEATHS} times before it saved anything: the last time killed")
    ]
    others = Counter(name for batch in fleet.given for name in batch if name != "deadly")
    assert max(others.values()) <= 1 + FEWER_AFTER


def test_units_that_died_of_one_cause_go_on_together_and_the_one_that_kills_is_parted_from_them() -> None:
    names = [f"site-{number}" for number in range(32)]
    outage = iter([None, None])
    fleet = Fleet(lambda _: next(outage, Told()), slots=1)
    assert handed(fleet, names, largest=32).lost == []
    assert list(map(len, fleet.given)) == [32, 32, 8, 8, 8, 8]
    deadly = Fleet(lambda work: None if any(unit.title == "site-9" for unit in work.units) else Told(), slots=1)
    run = handed(deadly, names, largest=32)
    assert (run.done, [unit.title for unit, _ in run.lost]) == (32, ["site-9"])
    assert len(deadly.given) <= 12


def test_deaths_after_which_the_next_process_is_further_are_not_held_against_a_site() -> None:
    deaths = iter([None] * (MOST_DEATHS + 3))
    run = handed(Fleet(lambda _: next(deaths, Told()), slots=1, saved=1), "ab")
    assert (run.done, run.lost, run.died.total()) == (2, [], MOST_DEATHS + 3)


def test_a_process_that_ended_early_is_counted_and_its_units_go_on() -> None:
    told = iter([Told(error="too much memory", code=70, files={"day.jsonl": 5})])
    run = handed(Fleet(lambda _: next(told, Told(files={"day.jsonl": 1}))), "ab")
    assert (run.done, run.told.files, run.told.error) == (2, {"day.jsonl": 7}, "")


def test_what_another_run_has_is_left_to_it() -> None:
    run = handed(Fleet(lambda work: Told(held=frozenset({"b"} & {u.title for u in work.units}))), "abc")
    assert (run.done, run.elsewhere) == (3, {"b"})


def test_a_stop_has_what_is_under_way_saved_and_hands_out_nothing_more() -> None:
    fleet = Fleet(lambda _: Told(files={"day.jsonl": 1}))
    asked = iter([False, False])
    run = Handing(plan(1), units(*"abcdefgh"))
    assert run.run(fleet, lambda: next(asked, True))
    assert fleet.stops == 1
    assert len(fleet.given) == run.told.files["day.jsonl"] < 8
    assert len(run.left) == 8 - len(fleet.given)


def test_a_run_without_workers_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "NO_WORKERS_S", 0.0)
    assert not Handing(plan(), units("a")).run(Fleet(lambda _: Told(), slots=0), lambda: False)
