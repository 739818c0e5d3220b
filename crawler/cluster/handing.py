"""Who is given what, when, and again: until every unit has been crawled, or cannot be."""

from __future__ import annotations

import logging
import secrets
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from crawler.cluster.units import Unit, batch_size
from crawler.cluster.work import Answer, Come, Work
from crawler.told import Told

logger = logging.getLogger(__name__)

MOST_DEATHS = 5  # of processes that have a unit and save nothing, after which it is what kills them
FEWER_AFTER = 2  # of them, from which on fewer units go with it, so that not all die with one that kills
LOOK_EVERY_S = 0.5
STOP_WITHIN_S = 20.0
FINISH_WITHIN_S = 300.0
NO_WORKERS_S = 60.0  # without a worker, after which a run gives up
DIED = "its crawl died {n} times before it saved anything: the last time {why}"


class Workers(Protocol):
    """What the fleet is to who hands out."""

    @property
    def running(self) -> Sequence[Work]: ...
    @property
    def slots(self) -> int: ...
    def free(self) -> list[str]: ...
    def look(self) -> None: ...
    def give(self, work: Work, address: str) -> None: ...
    def ended(self, within_s: float) -> Iterator[Answer]: ...
    def stop(self) -> None: ...
    def come(self) -> Mapping[str, Come]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a run hands out."""

    work: Callable[[str, tuple[Unit, ...]], Work]  # of an id and its units
    lease_s: float
    largest: int  # units that one process crawls at a time
    until: float = float("inf")  # monotonic seconds; nothing is handed out after it


@dataclass(slots=True)
class Handing:
    """The units of a run, and what came of them."""

    plan: Plan
    waiting: deque[Unit] = field(default_factory=deque)
    told: Told = field(default_factory=Told)
    done: int = 0  # units
    died: Counter[str] = field(default_factory=Counter)  # processes, by why
    lost: list[tuple[Unit, str]] = field(default_factory=list)  # units that cannot be crawled, and why
    elsewhere: set[str] = field(default_factory=set)  # units that processes of another run have
    given: int = 0  # pieces of work
    _deaths: Counter[str] = field(default_factory=Counter)  # of a unit's processes that had saved nothing
    _tries: Counter[str] = field(default_factory=Counter)  # of a unit that is another process's
    _later: list[tuple[float, Unit]] = field(default_factory=list)  # not before this moment
    _run: str = field(default_factory=lambda: secrets.token_hex(4))

    def run(self, fleet: Workers, is_stopped: Callable[[], bool], show: Callable[[], None] = lambda: None) -> bool:
        """Hand out until all is done, or a stop is asked for; False where nobody was there to work."""
        alone_since = time.monotonic()
        while self.waiting or self._later or fleet.running:
            fleet.look()
            if fleet.slots:
                alone_since = time.monotonic()
            elif time.monotonic() - alone_since > NO_WORKERS_S:
                return False
            if is_stopped() or time.monotonic() >= self.plan.until:
                break
            self._take_up()
            self._give(fleet)
            for answer in fleet.ended(LOOK_EVERY_S):
                self._take(answer)
            show()
        self._stop(fleet, show)
        return True

    def _give(self, fleet: Workers) -> None:
        free = fleet.free()
        size = batch_size(len(self.waiting), max(len(free), 1), self.plan.largest)
        for address in free:
            if not self.waiting:
                return
            work = self.plan.work(self._id(), self._batch(min(size, len(self.waiting))))
            logger.debug("%s: %s for worker %s", work.id, _titles(work), address)
            fleet.give(work, address)

    def _batch(self, size: int) -> tuple[Unit, ...]:
        units: list[Unit] = []
        while self.waiting and len(units) < (size := min(size, self._most_with(self.waiting[0]))):
            units.append(self.waiting.popleft())
        return tuple(units)

    def _most_with(self, unit: Unit) -> int:
        """How many units may go with one, itself counted: a quarter after each death, and one at its last chance.

        All units of a process have its death against them, and where many die of one cause, such as a machine that is
        started anew, they are not to go on one by one.
        """
        deaths = self._deaths[unit.title]
        if deaths >= MOST_DEATHS - 1:
            return 1
        return max(self.plan.largest >> 2 * max(deaths - FEWER_AFTER + 1, 0), 1)

    def _id(self) -> str:
        self.given += 1
        return f"{self._run}-{self.given}"

    def _take(self, answer: Answer) -> None:
        logger.debug("%s: %s", answer.work.id, "done" if answer.told else answer.why)
        if answer.told:
            self.told.add(answer.told)
        if answer.told is None or answer.told.error:
            saved = answer.told.tally.saved if answer.told else answer.come.saved
            self._died(answer.work, answer.told.error if answer.told else answer.why, is_fruitless=not saved)
            return
        for unit in answer.work.units:
            if unit.title in answer.told.held:
                self._again_later(unit)
            else:
                self.done += 1

    def _died(self, work: Work, why: str, *, is_fruitless: bool) -> None:
        """A process has died, or has ended before it was done; what it has saved stays.

        Where it had saved something the next one is further, so that only others are held against its units.
        """
        self.died[why] += 1
        logger.warning("%s: %s; crawled again", _titles(work), why)
        for unit in work.units:
            self._deaths[unit.title] += is_fruitless
            if (number := self._deaths[unit.title]) >= MOST_DEATHS:
                self.lost.append((unit, DIED.format(n=number, why=why)))
                self.done += 1
            else:  # its leases are over by then
                self._later.append((time.monotonic() + self.plan.lease_s, unit))

    def _again_later(self, unit: Unit) -> None:
        """Another process has it: one that has died and whose leases are not over, or one of another run."""
        self._tries[unit.title] += 1
        if self._tries[unit.title] > 2:
            self.elsewhere.add(unit.title)
            self.done += 1
        else:
            self._later.append((time.monotonic() + self.plan.lease_s / 2, unit))

    def _take_up(self) -> None:
        now = time.monotonic()
        self.waiting.extendleft(unit for at, unit in self._later if at <= now)
        self._later = [(at, unit) for at, unit in self._later if at > now]

    def finish(self, fleet: Workers, places: Sequence[str]) -> None:
        """Have what dead processes left at these places finished: lines that they owe, pages that wait."""
        left = list(places)
        until = time.monotonic() + FINISH_WITHIN_S
        while (left or fleet.running) and time.monotonic() < until:
            fleet.look()
            for address in fleet.free()[: len(left)]:
                fleet.give(replace(self.plan.work(self._id(), ()), place=left.pop()), address)
            for answer in fleet.ended(LOOK_EVERY_S):
                self._take(answer)
        self._stop(fleet, lambda: None)

    @property
    def left(self) -> list[Unit]:
        """What was not crawled to its end."""
        return [*self.waiting, *(unit for _, unit in self._later)]

    def _stop(self, fleet: Workers, show: Callable[[], None]) -> None:
        """Have what is under way saved."""
        if not fleet.running:
            return
        fleet.stop()
        until = time.monotonic() + STOP_WITHIN_S
        while fleet.running and time.monotonic() < until:
            fleet.look()
            for answer in fleet.ended(LOOK_EVERY_S):
                if answer.told:
                    self.told.add(answer.told)
            show()


def _titles(work: Work) -> str:
    titles = [unit.title for unit in work.units] or [work.place or work.id]
    return titles[0] if len(titles) == 1 else f"{titles[0]} and {len(titles) - 1} more"
