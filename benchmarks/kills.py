"""Kills: articles come out while the crawl of them is killed, stopped, doubled and starved of disk; none may be lost.

    python -m benchmarks.kills                          220 kills, seed 1
    python -m benchmarks.kills --kills 8 --articles 40  a short form

Exit code 1 when something was lost, written twice or torn, or a run answered what it should not have.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.killing.audit import Audit, audit
from benchmarks.killing.blows import Blow, Fault, blows, one_of_each
from benchmarks.killing.disk import Disk, with_own_mounts
from benchmarks.killing.press import Press, serving, stories
from benchmarks.killing.striking import Runs, Struck
from benchmarks.table import Table, show
from crawler.exits import Exit
from crawler.terminal import say, stdout_console

TOLD_EVERY = 10  # kills
NEED_NEWS = frozenset({Fault.WRITING, Fault.TWICE, Fault.IMPATIENT, Fault.CLOCK, Fault.FULL, Fault.FULL_KILLED})
SHORT = 20  # kills: up to here each kind of blow comes once before one comes again, and all do


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happened, and what it left."""

    struck: Sequence[Struck]
    audit: Audit
    disk: str
    seconds: float

    @property
    def kills(self) -> int:
        return sum(struck.is_killed for struck in self.struck)

    @property
    def wrong(self) -> list[str]:
        return [f"{struck.blow.fault}: {struck.wrong}" for struck in self.struck if struck.wrong]


def main() -> int:
    """Crawl, kill, audit, and tell; the exit code."""
    options = _options()
    with_own_mounts("benchmarks.kills", sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        os.environ["TMPDIR"] = name  # what is killed as it begins leaves there the folder of a socket
        story = _story(Path(name), options)
    if options.json:
        print(json.dumps(_as_json(story)))
    else:
        show(list(_tables(story, options)), stdout_console())
    for line in (*story.wrong, *_findings(story.audit)):
        say(line)
    return 0 if story.audit.is_clean and not story.wrong else 1


def _story(folder: Path, options: argparse.Namespace) -> Story:
    started = time.monotonic()
    disk = Disk(folder / "disk")
    sources = folder / "sites.toml"
    try:
        with serving(stories(options.articles, options.seed)) as press:
            struck = _blow_by_blow(Runs(sources, disk), press, sources, options)
            found = audit(disk.folder / "data", press)
    finally:
        disk.close()
    return Story(struck=struck, audit=found, disk=disk.kind, seconds=time.monotonic() - started)


def _blow_by_blow(runs: Runs, press: Press, sources: Path, options: argparse.Namespace) -> list[Struck]:
    """Runs until there were enough kills, with articles coming out all the time; then one that nothing befalls."""
    struck: list[Struck] = []
    kills = told = 0
    is_short = options.kills <= SHORT
    plan: Iterator[Blow] = one_of_each(options.seed) if is_short else blows(options.seed)
    while kills < options.kills or (is_short and len(struck) < len(Fault)):
        blow = next(plan)
        if blow.fault is Fault.READ_ONLY and not runs.disk.can_be_read_only:
            continue
        if blow.fault is Fault.LEARNING:
            press.found()
        due = len(press.stories) * (kills + 1) // options.kills
        press.publish(max(due - len(press.out), 2 if blow.fault in NEED_NEWS else 0))
        sources.write_text(press.sources())
        struck.append(runs.strike(blow))
        kills += struck[-1].is_killed
        if kills >= told + TOLD_EVERY:
            told = kills
            say(f"{kills} of {options.kills} kills, {len(struck)} runs, {len(press.out)} articles out")
    press.publish(len(press.stories))
    sources.write_text(press.sources())
    return [*struck, runs.clean()]


def _tables(story: Story, options: argparse.Namespace) -> Iterator[Table]:
    kinds = [[s for s in story.struck[:-1] if s.blow.fault is fault] for fault in Fault]
    rows = [_row(of_kind[0].blow.fault, of_kind) for of_kind in kinds if of_kind]
    rows.append(_row("all", story.struck[:-1]))
    yield Table(
        title=f"Runs and kills (seed {options.seed}, {story.seconds / 60:.0f} min, disk: {story.disk})",
        columns=("blow", "runs", "killed", "by SIGKILL", "by SIGTERM", "exit 74", "s to stop: median", "most", "wrong"),
        rows=rows,
        bold=frozenset((len(rows) - 1,)),
        notes=("a run that ended before its moment came is no kill; s to stop are of runs that SIGTERM alone ended",),
    )
    found = story.audit
    counts = (found.articles, found.lost, found.twice, found.versions, found.torn, found.strange, found.state)
    yield Table(
        title=f"After {story.kills} kills and one clean run",
        columns=("articles", "lost", "twice", "false versions", "torn", "strange", "state against files"),
        rows=[tuple(str(c if isinstance(c, int) else len(c)) for c in counts)],
        words=0,
    )


def _row(name: str, struck: Sequence[Struck]) -> tuple[str, ...]:
    killed = [s for s in struck if s.is_killed]
    by_name = ["SIGKILL" if any(sent.name == "SIGKILL" for sent in s.blow.signals) else "SIGTERM" for s in killed]
    stops = [s.stop_s for s, by in zip(killed, by_name, strict=True) if by == "SIGTERM"]
    return (
        str(name),
        str(len(struck)),
        str(len(killed)),
        str(by_name.count("SIGKILL")),
        str(by_name.count("SIGTERM")),
        str(sum(s.code == Exit.DISK for s in struck)),
        f"{statistics.median(stops):.1f}" if stops else "",
        f"{max(stops):.1f}" if stops else "",
        str(sum(bool(s.wrong) for s in struck)),
    )


def _findings(found: Audit) -> Iterator[str]:
    for name, values in asdict(found).items():
        if isinstance(values, tuple):
            yield from (f"{name}: {value}" for value in values[:20])


def _as_json(story: Story) -> dict[str, object]:
    runs = {fault.value: sum(s.blow.fault is fault for s in story.struck) for fault in Fault}
    counts = {name: len(v) if isinstance(v, tuple) else v for name, v in asdict(story.audit).items()}
    return {"kills": story.kills, "runs": runs, "wrong": story.wrong, "disk": story.disk} | counts


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=220, help="runs to kill (default: %(default)s)")
    parser.add_argument("--articles", type=int, default=500, help="articles that come out (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of articles and blows (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="the counts as JSON, in place of the tables")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
