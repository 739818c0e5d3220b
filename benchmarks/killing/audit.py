"""What is in the files after all blows, held against what was out and against the state."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.killing.press import Press
from crawler.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What was found; all but ``articles`` should be empty."""

    articles: int
    lost: tuple[str, ...]  # addresses of articles that are out and in no line
    twice: tuple[str, ...]  # ids with two lines of one version
    versions: tuple[str, ...]  # ids with a later version, though no article was edited
    torn: tuple[str, ...]  # pieces that are no record
    strange: tuple[str, ...]  # records that say another title than their article's, or are no article's
    state: tuple[str, ...]  # where state and files disagree

    @property
    def is_clean(self) -> bool:
        return not any((self.lost, self.twice, self.versions, self.torn, self.strange, self.state))


def audit(data: Path, press: Press) -> Audit:
    """Look through a data folder that no run is using; opening its state mends it, which is told."""
    records, torn = _records(data)
    titles = {press.url_of(story): story.title for story in press.out}
    lines = Counter((record["id"], record["_dateline"]["version"]) for record in records)
    urls = {record["url"] for record in records}
    return Audit(
        articles=len(titles),
        lost=tuple(sorted(titles.keys() - urls)),
        twice=tuple(sorted(article for (article, _), count in lines.items() if count > 1)),
        versions=tuple(sorted(article for article, version in lines if version > 1)),
        torn=tuple(torn),
        strange=tuple(record["url"] for record in records if record["title"] != titles.get(record["url"])),
        state=tuple(_disagreements(data, {record["id"]: record for record in records}, titles)),
    )


def _records(data: Path) -> tuple[list[dict[str, Any]], list[str]]:
    records, torn = [], []
    for path in sorted(data.glob("articles/*.jsonl")):
        *lines, rest = path.read_bytes().split(b"\n")
        if rest:
            torn.append(f"{path.name}: {rest[:60]!r} without a newline")
        for line in lines:
            try:
                records.append(json.loads(line))
            except ValueError:
                torn.append(f"{path.name}: {line[:60]!r}")
    return records, torn


def _disagreements(data: Path, records: dict[str, dict[str, Any]], titles: dict[str, str]) -> list[str]:
    state = State(data)
    try:
        found = [f"{path.name}: {count} lines were owed" for path, count in state.recovered.items()]
        found += [f"{url} is not seen" for url in titles if not state.is_seen(url)]
        for article, record in records.items():
            known = state.article(article)
            if known is None or known.version != record["_dateline"]["version"]:
                found.append(f"{record['url']}: the state has {known}")
        found += ["pages still wait"] if any(True for _ in state.sites.waiting()) else []
    finally:
        state.close()
    return found
