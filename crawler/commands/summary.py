"""What is said at the end of a crawl: a short table in a terminal, one line elsewhere."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from crawler.commands.times import rough
from crawler.history import Alarm
from crawler.items import Outcome
from crawler.report import WRITTEN, Tally
from crawler.terminal import one_line, stdout_console

logger = logging.getLogger(__name__)

MAX_SOURCES = 20
MAX_NAMED = 5  # failed sources, in the one line
Row = tuple[str, int, str]


def print_summary(
    tally: Tally,
    files: Mapping[str, int],
    recovered: Mapping[str, int],
    note: str = "",
    standing_alarms: Sequence[Alarm] = (),
) -> None:
    """Print what was found, saved, refused and cut, what came of each source, and where the articles are.

    ``recovered`` are the lines that an earlier run had saved and could not write, by file, as ``files`` are this run's.
    ``note`` says why a run ended early; ``standing_alarms`` began in earlier runs.
    """
    console = stdout_console()
    if not console.is_terminal:
        n = len(standing_alarms)
        alarms = f"{n:,} older alarm{'s stand' if n > 1 else ' stands'}" if n else ""
        line = "; ".join(filter(None, (summary_line(tally, sum(recovered.values()), note), alarms)))
        console.print(Text(line), soft_wrap=True)
    elif tally.found or recovered or any(tally.passed_over.values()):  # else stderr has said all there is to say
        console.print(_counts(rows(tally, sum(recovered.values()))))
        if tally.sources:
            console.print(_sources(tally))
        for line in (*standing(tally, dt.datetime.now(dt.UTC)), *([note] if note else [])):
            console.print(Text(line), soft_wrap=True)
    if console.is_terminal:
        for alarm in standing_alarms:
            console.print(Text(alarm_line(alarm)), soft_wrap=True)
    console.print(Text("\n".join(_places(files, recovered))), soft_wrap=True)


def print_profile(profile: Mapping[str, Any]) -> None:
    """Print where the CPU time went, as ``crawler.profile`` tells it; in a terminal."""
    console = stdout_console()
    if console.is_terminal:
        pages = max(profile["pages_read"], 1)
        for name, title in (("crawl_ms", "in the crawl's process"), ("workers_ms", "in the workers")):
            console.print(_profile_table(title, profile[name], pages))


def _profile_table(title: str, spent_ms: Mapping[str, float], pages: int) -> Table:
    whole = sum(spent_ms.values()) or 1.0
    table = Table(f"CPU {title}", "ms", "ms a page read", "share", box=SIMPLE_HEAD, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, ms in [*spent_ms.items(), ("in all", sum(spent_ms.values()))]:
        table.add_row(name, f"{ms:,.0f}", f"{ms / pages:.2f}", f"{ms / whole:.1%}")
    return table


def alarm_line(alarm: Alarm) -> str:
    """An alarm in one line, with the command that looks closer."""
    what = f"{one_line(alarm.source)}: {alarm.kind}: usual {one_line(alarm.usual)}, now {one_line(alarm.now)}"
    return f"alarm: {what}, since {alarm.since:%Y-%m-%d %H:%M}; look closer: {one_line(alarm.command)}"


def log_summary(
    tally: Tally,
    files: Mapping[str, int],
    recovered: Mapping[str, int],
    note: str = "",
    more: Mapping[str, Any] | None = None,
) -> None:
    """The same for the log, the last message of a run; machines are given the counts of its report, and ``more``."""
    counts = {name: value for name, value in tally.as_json().items() if name != "not_saved"}
    written = {"files": dict(files), "recovered": dict(recovered), "note": note, **(more or {})}
    places = ", ".join(_places(files, recovered))
    line = summary_line(tally, sum(recovered.values()), note)
    logger.info("%s; %s", line, places, extra={"event": "summary", "fields": counts | written})


def summary_line(tally: Tally, recovered: int = 0, note: str = "") -> str:
    """What a run did in one line, as a cron job's mail or a log has it; of one that found nothing, what it passed over.

    >>> summary_line(Tally())
    '0 found, 0 saved, 0 refused'
    """
    saved = f"{tally.saved:,} saved" + (f" ({updated})" if (updated := _updated(tally)) else "")
    counts = [f"{tally.found:,} found", saved, f"{tally.refused:,} refused"]
    if not tally.found and (passed := [f"{n:,} {why}" for why, n in tally.passed_over.items() if n]):
        counts[0] += f" (passed over: {', '.join(passed)})"
    if refused := _refused(tally):
        counts[-1] += f" ({', '.join(f'{n:,} {name}' for name, n in refused)})"
    counts += [f"{recovered:,} written from an earlier run"] if recovered else []
    counts += [f"{tally.deferred:,} left for the next run"] if tally.deferred else []
    failed = [one_line(url) for url in tally.failed_sources]
    if failed:
        more = f" and {len(failed) - MAX_NAMED} more" if len(failed) > MAX_NAMED else ""
        counts += [f"{len(failed):,} of {len(tally.sources):,} sources failed: {' '.join(failed[:MAX_NAMED])}{more}"]
    others = standing(tally, dt.datetime.now(dt.UTC), without=tally.failed_sources)
    return "; ".join([", ".join(counts), *others, *([note] if note else [])])


def _places(files: Mapping[str, int], recovered: Mapping[str, int]) -> list[str]:
    return sorted({*files, *recovered}) or ["nothing new was written"]


def rows(tally: Tally, recovered: int = 0) -> list[Row]:
    """What was counted, as rows of a name, a number and what it is made of."""
    found: list[Row] = [("found", tally.found, "new addresses")]
    found += [(f"  not fetched: {why}", n, "") for why, n in tally.passed_over.items() if n]
    found += [("saved", tally.saved, _updated(tally))]
    found += [("written from an earlier run", recovered, "")] if recovered else []
    found += [("refused", tally.refused, "")]
    found += [(f"  {name}", n, _reasons(tally, name)) for name, n in _refused(tally)]
    found += [("left for the next run", tally.deferred, "")] if tally.deferred else []
    found += [("texts removed", tally.removed.total(), "")]
    return found + [(f"  {kind}", n, "") for kind, n in tally.removed.most_common()]


def standing(tally: Tally, now: dt.datetime, without: Collection[str] = ()) -> list[str]:
    """A line on each source that is failing, also where it was not asked, and one on those that were not due.

    Sources ``without`` one have been named already.
    """
    lines = [
        f"failing: {one_line(url)}: {one_line(failing.why)}; {failing.times:,} in a row since"
        f" {failing.since:%Y-%m-%d %H:%M}, asked again in {rough(failing.again - now)}"
        for url, failing in sorted(tally.failing.items())
        if url not in without
    ]
    if tally.resting:
        n, first = len(tally.resting), min(tally.resting.values())
        what = "1 source was" if n == 1 else f"{n:,} sources were"
        lines.append(f"{what} not due; the next is in {rough(first - now)} (--all asks at once)")
    return lines


def _refused(tally: Tally) -> list[tuple[str, int]]:
    others = (*WRITTEN, Outcome.DEFERRED)
    return [(outcome.value, n) for outcome, n in tally.outcomes.most_common() if outcome not in others]


def _updated(tally: Tally) -> str:
    updated = tally.outcomes[Outcome.UPDATED]
    return f"{updated} of them new versions" if updated else ""


def _reasons(tally: Tally, outcome: str) -> str:
    """What an outcome is made of, where that says more than its name."""
    if outcome == Outcome.HTTP_STATUS:
        return ", ".join(f"{n} {status}" for status, n in tally.statuses.most_common())
    reasons = [(reason, n) for reason, n in tally.reasons.most_common() if reason.outcome == outcome]
    return ", ".join(f"{n} {reason}" for reason, n in reasons if reason != outcome)


def _counts(rows: Iterable[Row]) -> Table:
    table = Table(box=SIMPLE_HEAD, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right")
    table.add_column(style="dim")
    for name, number, detail in rows:
        table.add_row(name, f"{number:,}", detail)
    return table


def _sources(tally: Tally) -> Table:
    table = Table("source", "found", "saved", "", box=SIMPLE_HEAD, pad_edge=False)
    listed = sorted(tally.sources.items(), key=lambda item: (item[1].failed is None, -item[1].found, item[0]))
    for url, source in listed[:MAX_SOURCES]:
        saved = sum(source.outcomes[outcome] for outcome in WRITTEN)
        note = one_line(source.failed) if source.failed is not None else ""
        table.add_row(Text(one_line(url), overflow="fold"), f"{source.found:,}", f"{saved:,}", Text(note))
    if len(listed) > MAX_SOURCES:
        table.add_row(f"… and {len(listed) - MAX_SOURCES} more", "", "", "")
    return table
