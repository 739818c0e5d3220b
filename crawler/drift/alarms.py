"""Alarms: they begin with what is beyond chance, stand while it lasts, and end when the source is as it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from crawler.drift.kinds import SEVERE, Drift, Sign
from crawler.drift.kinds import Finding as Finding
from crawler.history import Alarm

_ORDER = {kind.value: place for place, kind in enumerate(Drift)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of a source's alarms."""

    standing: tuple[Alarm, ...]  # the worst first
    new: tuple[Alarm, ...] = ()  # of these, those that began
    ended: tuple[Alarm, ...] = ()


def after(
    source: str,
    before: Iterable[Alarm],
    findings: Iterable[Finding],
    now: dt.datetime,
    command: Callable[[Drift], str] = lambda _: "",
) -> Change:
    """The alarms of a source after a run that found this; those of which it found nothing go on."""
    standing = {alarm.kind: alarm for alarm in before}
    new, ended = [], []
    for finding in findings:
        known = standing.get(finding.kind)
        if finding.sign is Sign.OFF and known:
            standing[finding.kind] = replace(known, now=finding.now)
        elif finding.sign is Sign.OFF:
            alarm = Alarm(
                source=source,
                kind=finding.kind.value,
                usual=finding.usual,
                now=finding.now,
                since=now,
                severity="high" if finding.kind in SEVERE else "medium",
                command=command(finding.kind),
            )
            standing[finding.kind] = alarm
            new.append(alarm)
        elif finding.sign is Sign.WELL and known:
            ended.append(standing.pop(finding.kind))
    return Change(standing=tuple(sorted(standing.values(), key=_place)), new=tuple(new), ended=tuple(ended))


def _place(alarm: Alarm) -> int:
    return _ORDER.get(alarm.kind, len(_ORDER))
