"""Addresses that their hosts forbade: whether the page was meant, or we, is known only when the host says more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from crawler.items import Outcome
from crawler.run import RunLog

FORBIDDEN = 403  # of HTTP


@dataclass(slots=True, kw_only=True)
class Forbidden:
    """Holds such addresses back from the run's account until their end is known; a kill leaves them to the next run."""

    run: RunLog
    _held: defaultdict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))

    def hold(self, host: str, url: str, source: str) -> None:
        """The host forbade this address, which the source named."""
        self._held[host].append((url, source))

    def has_answered(self, host: str) -> None:
        """The host has given a page: it was the addresses before it that it forbade."""
        for url, source in self._held.pop(host, ()):
            self.run.counted(url, Outcome.HTTP_STATUS, str(FORBIDDEN), source, FORBIDDEN)

    def settle(self, is_closed: Callable[[str], bool]) -> None:
        """Nothing more is to come: what a host forbade that has shut us out is left to a later run."""
        for host in list(self._held):
            if not is_closed(host):
                self.has_answered(host)
                continue
            for url, source in self._held.pop(host):
                self.run.counted(url, Outcome.DEFERRED, f"{host} forbids page after page", source)
