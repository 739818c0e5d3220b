"""How a run's end is told: its alarms, a summary, a last line of the log, an exit code."""

from __future__ import annotations

import logging
import signal
from dataclasses import dataclass
from pathlib import Path

from crawler.commands.summary import alarm_line, log_summary, print_summary
from crawler.exits import Exit
from crawler.hook import WITHIN_S, WITHIN_S_WHEN_STOPPED, run_hook
from crawler.terminal import say
from crawler.told import Told

logger = logging.getLogger(__name__)

STOPPED = "stopped; what was found so far is saved, the next run goes on"
TIME_IS_OVER = "stopped when its time (--max-time) was over; the next run goes on"
CODES = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a run came to its end."""

    signal: int | None = None  # that stopped it
    is_time_over: bool = False
    how: str = STOPPED  # a signal ended it, in words
    note: str = ""  # what else is to be said


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A run that is closed."""

    id: str
    folder: Path  # of its data
    told: Told
    on_alarm: str | None = None  # the operator's own command


def tell_end(run: Ended, ending: Ending, *, quiet: bool, is_strict: bool = False) -> Exit:
    """Tell what came of a closed run, and of its alarms; its exit code."""
    tell_alarms(run, stopped_by=ending.signal)
    told = run.told
    note = "; ".join(filter(None, (ending.note, TIME_IS_OVER if ending.is_time_over else "")))
    ended = told.error or (ending.how if ending.signal else "")
    code = code_of(told, ending.signal, is_strict=is_strict)
    if not quiet:
        print_summary(told.tally, told.files, told.recovered, note, standing_alarms=told.standing_alarms)
    if ended:
        say(ended)
    alarms = [alarm.as_json() for alarm in told.alarms]
    log_summary(told.tally, told.files, told.recovered, ended or note, {"alarms": alarms, "exit_code": int(code)})
    return code


def code_of(told: Told, stopped_by: int | None, *, is_strict: bool) -> Exit:
    """The exit code of a run of which this is told."""
    if told.error:
        return Exit(told.code)
    if stopped_by:
        return CODES[signal.Signals(stopped_by)]
    if is_strict and told.alarms:
        return Exit.ALARMS
    return Exit.SOME_FAILED if told.tally.failed_sources else Exit.FINE


def tell_alarms(run: Ended, *, stopped_by: int | None) -> None:
    """Name each new alarm once, also in a quiet run, and hand them to the operator's own command."""
    for alarm in run.told.new_alarms:
        logger.warning("%s", alarm_line(alarm), extra={"event": "alarm", "fields": alarm.as_json()})
    for alarm in run.told.ended_alarms:
        over = {"event": "alarm over", "fields": alarm.as_json()}
        logger.info("alarm over: %s: %s", alarm.source, alarm.kind, extra=over)
    if run.told.new_alarms and run.on_alarm:
        within_s = WITHIN_S_WHEN_STOPPED if stopped_by else WITHIN_S
        if trouble := run_hook(run.on_alarm, run.told.new_alarms, run.id, run.folder, within_s):
            logger.warning("%s", trouble)
