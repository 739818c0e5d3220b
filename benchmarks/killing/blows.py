"""What is done to a crawl: at which moment it is hit, with which signals, and what is wrong around it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from signal import SIGKILL, SIGTERM, Signals


class Fault(StrEnum):
    """A kind of blow."""

    ANY_TIME = "at any time"
    STARTING = "while it starts"
    OPENING = "when it has its state"
    LEARNING = "while pages wait for their site"
    WRITING = "while lines are written"
    CLOSING = "at its end"
    TWICE = "SIGTERM, then SIGKILL"
    IMPATIENT = "SIGTERM twice"
    SECOND_COPY = "a second copy beside it, then killed"
    CLOCK = "the clock set back, then killed"
    FULL = "the disk full"
    FULL_KILLED = "the disk full, then killed"
    READ_ONLY = "a read-only folder"


SHARES = {
    Fault.ANY_TIME: 24,
    Fault.STARTING: 10,
    Fault.OPENING: 9,
    Fault.LEARNING: 14,
    Fault.WRITING: 16,
    Fault.CLOSING: 12,
    Fault.TWICE: 7,
    Fault.IMPATIENT: 5,
    Fault.SECOND_COPY: 5,
    Fault.CLOCK: 6,
    Fault.FULL: 6,
    Fault.FULL_KILLED: 4,
    Fault.READ_ONLY: 2,
}
# after which moment of a run the blow falls, where that is not the fault's own
_MOMENTS = {
    Fault.TWICE: Fault.WRITING,
    Fault.IMPATIENT: Fault.WRITING,
    Fault.SECOND_COPY: Fault.OPENING,
    Fault.CLOCK: Fault.OPENING,
    Fault.FULL_KILLED: Fault.OPENING,
}
_LONGEST_AFTER_S = {  # the moment
    Fault.ANY_TIME: 8.0,
    Fault.STARTING: 1.6,
    Fault.OPENING: 0.4,
    Fault.LEARNING: 0.3,
    Fault.WRITING: 0.2,
    Fault.CLOSING: 0.03,
    Fault.CLOCK: 3.0,
    Fault.FULL_KILLED: 2.0,
}
MOST_ROOM = 150_000  # bytes on a full disk: some ten articles and what the state needs for them
_LONGEST_GAP_S = 0.5  # between two signals


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """One run's fate."""

    fault: Fault
    moment: Fault | None  # that is waited for; None where the run is left to its end
    after_s: float = 0.0  # the moment
    signals: tuple[Signals, ...] = ()
    gap_s: float = 0.0
    set_back: str = ""  # see clock/sitecustomize.py
    room: int = 0  # bytes left on a full disk


def blows(seed: int) -> Iterator[Blow]:
    """Blows without end, the same ones for a seed; in each lot all kinds by their shares."""
    chance = random.Random(seed)  # noqa: S311  repeatable, not secret
    while True:
        lot = [fault for fault, share in SHARES.items() for _ in range(share)]
        chance.shuffle(lot)
        yield from (_blow(fault, chance) for fault in lot)


def one_of_each(seed: int) -> Iterator[Blow]:
    """One blow of each kind, over and over."""
    chance = random.Random(seed)  # noqa: S311
    while True:
        yield from (_blow(fault, chance) for fault in SHARES)


def _blow(fault: Fault, chance: random.Random) -> Blow:
    moment = _MOMENTS.get(fault, fault)
    is_left = fault in {Fault.FULL, Fault.READ_ONLY}
    return Blow(
        fault=fault,
        moment=None if is_left else moment,
        after_s=chance.uniform(0, _LONGEST_AFTER_S.get(fault, _LONGEST_AFTER_S.get(moment, 0.0))),
        signals=() if is_left else _signals(fault, chance),
        gap_s=chance.uniform(0, _LONGEST_GAP_S),
        set_back=f"{chance.choice((90, 7200, 86_400, 2_000_000))}@{chance.choice((0, 2))}"
        if fault is Fault.CLOCK
        else "",
        room=chance.randrange(0, MOST_ROOM, 1000),
    )


def _signals(fault: Fault, chance: random.Random) -> tuple[Signals, ...]:
    if fault is Fault.TWICE:
        return SIGTERM, SIGKILL
    if fault is Fault.IMPATIENT:
        return SIGTERM, SIGTERM
    return (chance.choice((SIGKILL, SIGKILL, SIGTERM)),)
