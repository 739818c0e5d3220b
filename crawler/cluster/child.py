"""The process that crawls: ``python -m crawler.cluster.child FD``, started by a worker (crawler.cluster.tasks).

It is an ordinary crawl of the units that it is given, under leases. It and the worker speak over a pair of sockets:
when the worker's end is gone, the worker is, and the crawl stops as by a signal.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from crawler.cluster.holding import Holding
from crawler.cluster.units import Unit
from crawler.cluster.work import Work, collection_of
from crawler.commands.crawling import run_spider
from crawler.commands.ending import Ending, code_of
from crawler.commands.project import project_settings
from crawler.errors import ConfigError
from crawler.exits import Exit
from crawler.extensions import Run
from crawler.state import DiskError
from crawler.told import Told

END_WITHIN_S = 15.0  # after the worker has gone


def main() -> int:
    """Crawl what comes in, tell what came of it; the exit code is that of an ordinary crawl."""
    line = Connection(int(sys.argv[1]))
    work: Work = line.recv()
    threading.Thread(target=_end_with_worker, args=[line], daemon=True).start()
    try:
        with Holding(work.state, work.lease_s, collection_of(work.settings), work.place) as holding:
            return _crawl(work, holding, line)
    except (ConfigError, DiskError) as error:
        code = Exit.USAGE if isinstance(error, ConfigError) else Exit.DISK
        line.send(Told(error=str(error), code=code))
        return code


def _crawl(work: Work, holding: Holding, line: Connection) -> int:
    """Crawl those units that can be had."""
    own = [unit for unit in work.units if holding.take(unit.names)]
    held = frozenset(unit.title for unit in work.units if unit not in own)
    settings = project_settings({**work.settings, **_of_units(work, own), "DATELINE_LEASE": holding.place.as_text()})
    tell = partial(_tell, line, holding, held)
    return run_spider(work.spider, settings, _options(work), tell, {"holding": holding, "tell_come": line.send})


def _of_units(work: Work, units: list[Unit]) -> Mapping[str, Any]:
    return {
        "DATELINE_STATE": work.state.secret,
        "DATELINE_GIVEN": tuple(source for unit in units for source in unit.sources),
        "DATELINE_ARCHIVES": [archive for unit in units for archive in unit.archives],
    }


def _tell(line: Connection, holding: Holding, held: frozenset[str], run: Run, ending: Ending) -> Exit:
    """Let the leases go, now that all is closed, and tell what came of the crawl."""
    with suppress(DiskError):  # the server of the state has gone: they run out
        holding.give_back()
    run.tally.forget_ended()
    line.send(replace(run.told(), held=held))
    return code_of(run.told(), ending.signal, is_strict=False)


def _options(work: Work) -> argparse.Namespace:
    """What a crawl in one process is told by the command: nothing but bad news goes to the worker's log."""
    return argparse.Namespace(
        quiet=True, log=None, json_log=False, verbose=False, strict=False, max_time=work.max_time_s
    )


def _end_with_worker(line: Connection) -> None:
    try:
        line.recv()
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(END_WITHIN_S)
        os._exit(Exit.TERMINATED)


if __name__ == "__main__":
    sys.exit(main())
