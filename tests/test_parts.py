"""Parts of leases: every line counts once, whoever is killed, paused or overtaken, on a disk and on an object store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from crawler.collection.files import collection_files
from crawler.collection.records import articles_in
from crawler.errors import ConfigError
from crawler.extensions import Run
from crawler.identity import address_digest
from crawler.items import Outcome
from crawler.parts.batch import Batch
from crawler.parts.part_files import PartFiles
from crawler.parts.remote import RemoteShelf
from crawler.parts.shelf import LocalShelf
from crawler.record import json_line
from crawler.state import DiskError, Lease, LeaseLostError, State, Url
from crawler.state.leases import Leases
from crawler.state.postgres import Postgres
from crawler.verdict import Ended, Known
from tests.bucket import bucket, object_store  # noqa: F401  fixtures
from tests.collection import record
from tests.test_pipelines import crawler_in, page
from tests.test_pipelines import write as write_article
from tests.test_shelves import no_complaint

SITE = "a.example"


class Killed(BaseException):
    """Stands for the end of a process."""


@pytest.fixture(params=["disk", "store"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a collection may lie."""
    return str(tmp_path / "news") if request.param == "disk" else str(request.getfixturevalue("bucket"))


@pytest.fixture
def leases(state_url: Url) -> Iterator[Leases]:
    leases = Leases(state_url)
    yield leases
    leases.close()


@pytest.fixture
def opened(state_url: Url, leases: Leases, tmp_path: Path, place: str) -> Callable[[], State]:
    """Opens a state under a new token of the site; the lease may be taken by another at once."""

    def state(there: str = place) -> State:
        return State(tmp_path / "data", url=state_url, lease=take(leases), parts=there)

    return state


def take(leases: Leases) -> Lease:
    lease = leases.take(SITE, "here", 0)
    assert lease
    return lease


def known_of(number: int) -> Known:
    address = address_digest(f"https://example.org/{number}")
    return Known(id=str(number), version=1, content_hash="h", address=address, first_seen="2025-05-01T07:00:00Z")


def save(state: State, number: int) -> None:
    day = f"2025-05-0{1 + number % 2}"
    article, line = known_of(number), json_line(record(number, about={"date_crawled": f"{day}T07:00:00Z"}))
    ended = Ended(url=f"https://example.org/{number}", outcome=Outcome.SAVED, at=article.first_seen, article=article.id)
    state.save(article, ended, line, state.folder / "articles" / f"{day}.jsonl")


def batches_of(monkeypatch: pytest.MonkeyPatch, lines: int, seconds: float = 1e9) -> None:
    monkeypatch.setattr(PartFiles, "batch", Batch(lines=lines, bytes=10**9, seconds=seconds))


def read(place: str) -> list[int]:
    """The numbers of the lines that count, each as often as it stands there; every one must be whole."""

    files = collection_files(place)
    lines = [found for file in files for _, _, found in articles_in(file, no_complaint)]
    return sorted(int(found["url"].rpartition("/")[2]) for found in lines)


def test_lines_of_a_lease_count_when_it_is_over(opened: Callable[[], State], place: str, leases: Leases) -> None:
    state = opened()
    for number in range(5):
        save(state, number)
    with pytest.raises(ConfigError, match="no articles yet"):
        read(place)
    assert leases.unfinished() == [SITE]
    state.close()
    assert read(place) == [0, 1, 2, 3, 4]
    assert leases.unfinished() == []
    assert {file.crawled.isoformat() for file in collection_files(place) if file.crawled} == {
        "2025-05-01",
        "2025-05-02",
    }


def test_lines_wait_until_they_are_enough_or_have_waited_long_enough(
    opened: Callable[[], State], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches_of(monkeypatch, 2)
    first = opened()
    for number in range(3):
        save(first, number)
    assert read(place) == [0, 1]
    first.flush()
    assert read(place) == [0, 1]
    first.close()
    batches_of(monkeypatch, 100, seconds=0)
    second = opened()
    save(second, 3)
    second.flush()
    assert read(place) == [0, 1, 2, 3]
    second.close()


def test_lines_stay_owed_when_the_place_refuses_them(
    opened: Callable[..., State], place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches_of(monkeypatch, 2)
    there = "s3://no-such-bucket/news" if place.startswith("s3:") else str(tmp_path / "file")
    (tmp_path / "file").touch()
    first = opened(there)
    save(first, 0)
    with pytest.raises(DiskError, match=there):
        save(first, 1)
    with suppress(DiskError):
        first.close()
    second = opened()
    assert {path.name: number for path, number in second.recovered.items()} == {
        "2025-05-01.jsonl": 1,
        "2025-05-02.jsonl": 1,
    }
    second.close()
    assert read(place) == [0, 1]


def test_a_crawl_under_a_lease_writes_into_its_part_and_tells_where(
    place: str, tmp_path: Path, state_url: Url, leases: Leases
) -> None:
    settings = {"STATE": state_url.secret, "LEASE": take(leases).as_text(), "OUTPUT": place}
    run = Run.from_crawler(
        crawler_in(tmp_path / "data", **{f"DATELINE_{name}": value for name, value in settings.items()})
    )
    written = write_article(run, page())
    run.close()
    assert run.files == {place: 1}
    (file,) = collection_files(place)
    assert [found for _, _, found in articles_in(file, no_complaint)] == [written]
    assert not (tmp_path / "data" / "articles").exists()


class Steps:
    """What the writing of lines comes to, step by step; before or after one of them something else comes to pass."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._blow: Callable[[], None] | None = None
        self._left = 0
        self._is_dead = False
        monkeypatch.setattr(Postgres, "durably", self._committing(Postgres.durably))
        for shelf in (LocalShelf, RemoteShelf):
            for name in ("add", "replace"):
                monkeypatch.setattr(shelf, name, self._writing(getattr(shelf, name)))

    def strike(self, step: int, blow: Callable[[], None]) -> None:
        """At this step, counted from 1, and once."""
        self._left, self._blow, self._is_dead = step, blow, False

    def revive(self) -> None:
        """Let the next ones live."""
        self._is_dead = False

    def kill(self) -> None:
        """End all that writes until the next ``strike``."""
        self._is_dead = True
        raise Killed

    @property
    def is_struck(self) -> bool:
        return self._blow is None

    def _tick(self) -> None:
        if self._is_dead:
            raise Killed
        self._left -= 1
        if self._left == 0 and (blow := self._blow):
            self._blow = None
            blow()

    def _committing(self, step: Callable[[Postgres], AbstractContextManager[None]]) -> Callable[[Postgres], Any]:
        @contextmanager
        def durably(db: Postgres) -> Iterator[None]:
            self._tick()
            with step(db):
                yield
            self._tick()

        return durably

    def _writing(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def write(*arguments: Any) -> Any:
            self._tick()
            result = step(*arguments)
            self._tick()
            return result

        return write


def steps_of(place: str) -> Iterable[int]:
    """Each step on a disk; on an object store, where the same steps take more time, some of each kind."""
    return count(1, 3 if place.startswith("s3:") else 1)


def write(state: State, numbers: Iterable[int]) -> None:
    try:
        for number in numbers:
            save(state, number)
    finally:
        state.close()


def assert_each_line_counts_once(opened: Callable[[], State], place: str, numbers: Iterable[int]) -> None:
    """Once nothing is left to finish: exactly the articles that are known."""
    state = opened()
    known = [number for number in numbers if state.article(known_of(number).id)]
    state.close()
    assert read(place) == known


def test_each_line_counts_once_whenever_the_writer_is_killed(
    opened: Callable[[], State], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches_of(monkeypatch, 3)
    steps = Steps(monkeypatch)
    write(opened(), [0])
    for run in steps_of(place):
        steps.strike(run, steps.kill)
        with suppress(Killed):
            write(opened(), range(10 * run, 10 * run + 4))
        if not steps.is_struck:
            break
    assert run > 15
    now = read(place)
    assert len(set(now)) == len(now)
    assert_each_line_counts_once(opened, place, range(10 * run + 10))


def test_a_writer_that_is_paused_and_overtaken_changes_nothing_any_more(
    opened: Callable[[], State], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches_of(monkeypatch, 3)
    steps = Steps(monkeypatch)
    lost = 0
    for run in steps_of(place):
        first = opened()
        steps.strike(run, lambda: write(opened(), [10 * run + 8, 10 * run + 9]))  # noqa: B023  it is called in this turn
        try:
            write(first, range(10 * run, 10 * run + 4))
        except LeaseLostError:
            lost += 1
        if not steps.is_struck:
            break
    assert lost >= 5
    assert_each_line_counts_once(opened, place, range(10 * run + 10))


def test_a_line_that_was_torn_by_a_kill_does_not_count(
    opened: Callable[[], State], tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if place.startswith("s3:"):
        pytest.skip("an object is there or not")
    batches_of(monkeypatch, 1)
    first = opened()
    save(first, 0)

    def write_half(fd: int, content: bytes) -> None:
        os.write(fd, content[: len(content) // 2])
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr("crawler.delivery._write_all", write_half)
        with pytest.raises(Killed):
            save(first, 2)
    assert read(place) == [0]
    second = opened()
    assert read(place) == [0, 2]
    second.close()
    with suppress(DiskError):
        first.close()
    assert read(place) == [0, 2]


def test_what_was_committed_elsewhere_is_told_once_that_place_is_named_again(
    opened: Callable[..., State],
    place: str,
    leases: Leases,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: Any,
) -> None:
    batches_of(monkeypatch, 1)
    steps = Steps(monkeypatch)
    first = opened()
    steps.strike(7, steps.kill)  # commit, line, commit: two steps each; then the entry
    with pytest.raises(Killed):
        write(first, [0])
    steps.revive()
    opened(str(tmp_path / "other")).close()
    assert "is not there, or has lost some of its" in caplog.text
    assert leases.unfinished() == [SITE]
    opened().close()
    assert leases.unfinished() == []
    assert read(place) == [0]


WRITER = """
import itertools, sys
from pathlib import Path
from crawler.parts.batch import Batch
from crawler.parts.part_files import PartFiles
from crawler.state import Lease, State, Url
from tests.test_parts import save

url, lease, folder, place, first = sys.argv[1:]
PartFiles.batch = Batch(lines=3, bytes=10**9, seconds=1e9)
state = State(Path(folder), url=Url.parse(url), lease=Lease.from_text(lease), parts=place)
for number in itertools.count(int(first)):
    save(state, number)
    print(number, flush=True)
"""


def test_readers_see_whole_lines_once_while_writers_work_and_are_killed(
    opened: Callable[[], State],
    place: str,
    leases: Leases,
    state_url: Url,
    tmp_path: Path,
) -> None:
    saved: set[int] = set()
    before: set[int] = set()
    for first in (0, 1000):
        arguments = (state_url.secret, take(leases).as_text(), str(tmp_path / "data"), place, str(first))
        with subprocess.Popen([sys.executable, "-c", WRITER, *arguments], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            for _, line in zip(range(20), writer.stdout, strict=False):
                saved.add(int(line))
                if len(saved) > 3 and len(saved) % 6 == 0:
                    now = read(place)
                    assert len(set(now)) == len(now)
                    assert before <= set(now)
                    before = set(now)
            writer.send_signal(signal.SIGKILL)
    assert len(before) > 15
    state = opened()
    state.close()
    now = read(place)
    assert len(set(now)) == len(now)
    assert saved <= set(now)
    assert_each_line_counts_once(opened, place, range(2000))
