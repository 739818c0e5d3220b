"""What a crawling process has to itself, by leases in the shared state: a place among the processes, and its sites.

The place fences: the state is opened with it, so that nothing is written by a process whose place another has taken.
The sites keep two processes off one host. Both run out together when the process is silent, the place no later than
the sites; who takes a site that another place held takes that place, too, so that its silent holder, should it wake
up, finds that it can write no more.
"""

from __future__ import annotations

import itertools
import os
import socket
import threading
import time
from collections.abc import Iterable
from hashlib import blake2b
from types import TracebackType
from typing import Self

from crawler.state import DiskError, Lease, LeaseLostError, Url

PLACE = "place"
BEATS = 4  # while a lease lasts: three may be missed
LOST = "the leases of this process have run out, its sites may be another's by now; what it had saved stays"
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # goes on while the machine sleeps, where there is one


class Holding:
    """The leases of this process, renewed by a thread inside a ``with`` block.

    A process that hangs is ended by its worker, and one that is paused renews nothing; so the thread asks nobody.
    Raises DiskError where the state cannot be asked, LeaseLostError where another process has the place that is named.
    """

    def __init__(self, url: Url, for_s: float, collection: str, place: str | None = None) -> None:
        from crawler.state.leases import Leases  # here, as other crawls do without the extra that it needs

        self.for_s = for_s
        self._leases = Leases(url)
        self._turn = threading.Lock()
        self._over = threading.Event()
        self._beating = threading.Thread(target=self._beat, daemon=True)
        self.lost: LeaseLostError | None = None  # why nothing is held any more
        self._sites: dict[str, Lease] = {}
        self._left_at: dict[str, float] = {}  # when another left a site, by our clock
        self._until = _now() + for_s
        self.place = self._take_place(collection, place)

    def __enter__(self) -> Self:
        self._beating.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.give_back()

    def __contains__(self, name: str) -> bool:
        return name in self._sites

    @property
    def is_valid(self) -> bool:
        """Whether nobody else can have taken what is held: by our own clock, as the server may have gone."""
        return self.lost is None and _now() < self._until

    def left_s(self, name: str) -> float:
        """For how many seconds a site has been left by the process that had it before."""
        return _now() - self._left_at.get(name, float("-inf"))

    def take(self, names: Iterable[str]) -> bool:
        """Take all of these, or none; False where another process has one of them."""
        with self._turn:
            wanted = [name for name in names if name not in self._sites]
            taken: dict[str, Lease] = {}
            for name in sorted(wanted):  # in one order, so that of two that want the same one has all
                if (lease := self._take(name)) is None:
                    for other in taken.values():
                        self._leases.give_back(other)
                    return False
                taken[name] = lease
            self._sites |= taken
            return True

    def renew(self) -> None:
        """Hold all for as long again; LeaseLostError where another has taken something, DiskError likewise."""
        with self._turn:
            if self._over.is_set():
                return
            began = _now()
            self.place = self._leases.renew(self.place, self.for_s)  # first: so it never runs out after a site
            for name, lease in self._sites.items():
                self._sites[name] = self._leases.renew(lease, self.for_s)
            self._until = began + self.for_s

    def give_back(self) -> None:
        """Let all go, the place last, and hold nothing more. Giving back again does nothing."""
        with self._turn:
            if self._over.is_set():
                return
            self._over.set()
            self._until = float("-inf")
            try:
                for lease in (*self._sites.values(), self.place):
                    self._leases.give_back(lease)
            finally:
                self._leases.close()

    def _beat(self) -> None:
        while self.lost is None and not self._over.wait(self.for_s / BEATS):
            try:
                self.renew()
            except LeaseLostError as error:
                self.lost = error
            except DiskError:  # the server of the state may come back before they have run out
                if not self.is_valid:
                    self.lost = LeaseLostError(LOST)

    def _take_place(self, collection: str, named: str | None) -> Lease:
        """The first free place: so what a process left that died is soon taken up by one that comes after it."""
        holder = f"{socket.gethostname()}:{os.getpid()}"
        for name in [named] if named else (f"{_places_in(collection)}{number}" for number in itertools.count(1)):
            if lease := self._leases.take(name, holder, self.for_s):
                return lease
        raise LeaseLostError(f"{named}: another process has it")

    def _take(self, name: str) -> Lease | None:
        before = self._leases.newest(name)
        asked_at = _now()
        lease = self._leases.take(name, self.place.site, self.for_s)
        if lease is None or before is None:
            return lease
        if before.holder != self.place.site and (silent := self._leases.take(before.holder, self.place.site, 1.0)):
            self._leases.give_back(silent)
        self._left_at[name] = asked_at - max((lease.until - before.until).total_seconds() - self.for_s, 0.0)
        return lease


def is_place_in(name: str, collection: str) -> bool:
    """Whether a lease is the place of a process that writes to this collection."""
    return name.startswith(_places_in(collection))


def _places_in(collection: str) -> str:
    """How places are called of those that write to one collection: what one leaves, none of another's takes up."""
    return f"{PLACE}-{blake2b(collection.encode(errors='surrogateescape'), digest_size=4).hexdigest()}-"


def _now() -> float:
    return time.clock_gettime(_CLOCK)
