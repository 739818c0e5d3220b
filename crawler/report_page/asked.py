"""What a run's report says of the sources that it was for."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from crawler.identity import host_of, site_of


class Asked:
    """The sources of a run by name; one that the run has no name for goes by its address."""

    def __init__(self, report: Mapping[str, Any], place: Sequence[str]) -> None:
        self._not_saved, self._place = report["not_saved"], place
        names: Mapping[str, str] = report.get("names", {})  # reports of earlier versions have none
        failed = {url: str(told["failed"]) for url, told in report["sources"].items() if told["failed"] is not None}
        self.address = {names.get(url, url): url for url in (*names, *report["failing"], *failed)}
        self.resting = {names.get(url, url): str(due) for url, due in report["resting"].items()}
        self.failing: dict[str, Mapping[str, Any]] = {
            names.get(url, url): told for url, told in report["failing"].items()
        }
        self.failed = {names.get(url, url): why for url, why in failed.items()}
        self.paused: Mapping[str, str] = report["paused"]

    def address_of(self, name: str) -> str | None:
        """The address of a source, where it is known."""
        address = self.address.get(name, name)
        return address if host_of(address) else None

    def example(self, name: str, outcomes: frozenset[str]) -> str | None:
        """An address of a source's site that ended so in this run, for a person to look at."""
        ended = self._ended.get(site_of(self.address_of(name) or ""), ())
        return next((url for url, outcome in ended if outcome in outcomes), None)

    def sources_on(self, host: str) -> list[str]:
        """The names of the sources whose address is on a host."""
        return self._on.get(host, [])

    def command(self, *words: str) -> str:
        """A command over the run's state, quoted for a shell."""
        return shlex.join(("dateline", *words, *self._place))

    @cached_property
    def _ended(self) -> Mapping[str, list[tuple[str, str]]]:
        found = defaultdict(list)
        for told in self._not_saved:
            found[site_of(told["url"])].append((told["url"], told["outcome"]))
        return found

    @cached_property
    def _on(self) -> Mapping[str, list[str]]:
        found = defaultdict(list)
        for name, url in self.address.items():
            found[host_of(url)].append(name)
        return found
