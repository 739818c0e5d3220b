"""How a run in a cluster comes along, shown and logged; and the signals that end it."""

from __future__ import annotations

import logging
import os
import signal
import time
from types import FrameType, TracebackType
from typing import Self

from rich.live import Live

from crawler.cluster.fleet import Fleet
from crawler.cluster.handing import Handing
from crawler.commands.ending import CODES
from crawler.live import Snapshot, display, line
from crawler.terminal import is_watched, say, stderr_console

logger = logging.getLogger(__name__)

SHOW_EVERY_S = 2.0  # the workers are asked each time
LOG_EVERY_S = 60.0
STOPPING = "stopping: what is under way is finished and saved, within 20 s; a second signal (Ctrl-C) ends it now"


class Stops:
    """Notes the signal that asks for the end; a second one ends this process, and leaves the workers to theirs."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._note) for number in CODES}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def is_asked(self) -> bool:
        """Whether the run is to stop."""
        return self.signal is not None

    def _note(self, number: int, _: FrameType | None) -> None:
        if self.signal is not None:
            os._exit(CODES[signal.Signals(number)])
        self.signal = signal.Signals(number)
        say(STOPPING)


class Shown:
    """Shows how far the run is, where a person looks on; else says so in the log once a minute."""

    def __init__(self, handing: Handing, fleet: Fleet, units: int, *, quiet: bool) -> None:
        self._handing = handing
        self._fleet = fleet
        self._units = units
        self._is_quiet = quiet
        self._began = self._shown = self._logged = time.monotonic()
        self._live = Live(console=stderr_console(), auto_refresh=False, transient=True)

    def __enter__(self) -> Self:
        if not self._is_quiet and is_watched():
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._live.stop()

    def __call__(self) -> None:
        """Show it, where it is time to."""
        now = time.monotonic()
        if self._live.is_started and now - self._shown >= SHOW_EVERY_S:
            self._shown = now
            self._live.update(display(self.snapshot()), refresh=True)
        if not self._is_quiet and now - self._logged >= LOG_EVERY_S:
            self._logged = now
            snapshot = self.snapshot()
            logger.info(line(snapshot), extra={"event": "progress", "fields": snapshot.as_json()})

    def snapshot(self) -> Snapshot:
        """What has come of all processes up to now."""
        tally, come = self._handing.told.tally, self._fleet.come().values()
        found = tally.found + sum(one.found for one in come)
        saved = tally.saved + sum(one.saved for one in come)
        refused = tally.refused + sum(one.refused for one in come)
        elapsed_s = time.monotonic() - self._began
        return Snapshot(
            elapsed_s=elapsed_s,
            sources=self._units,
            done=self._handing.done + sum(one.done for one in come),
            found=found,
            to_go=max(found - saved - refused, 0),
            saved=saved,
            refused=refused,
            fetched=saved + refused,
            fetched_per_s=(saved + refused) / max(elapsed_s, 1.0),
            workers=self._fleet.slots,
            busy=len(self._fleet.running),
        )
