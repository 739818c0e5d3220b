"""The folder, the disk, the clock and the lock."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from crawler.doctor.findings import Finding, note, ok, problem
from crawler.report import reports_in
from crawler.state import DiskError, kept_polled
from crawler.state.folder import LOCK_NAME
from crawler.state.sqlite import FILE_NAME
from crawler.state.url import Place, without_passwords

ENOUGH_BYTES = 200_000_000  # some 20,000 articles, and a state of a million addresses to write anew
ENOUGH_DAYS = 30
USE_OF = dt.timedelta(days=30)  # what was written in the last days tells how much the next take
CLOCKS_DIFFER = dt.timedelta(minutes=5)
COMMAND_CHARS = 60
_PROC = Path("/proc")


def check_places(folder: Path, place: Place, now: dt.datetime) -> Iterator[Finding]:
    """What a run needs of the machine; ``place`` is where its state is."""
    yield from _folder(folder)
    yield _disk(shutil.disk_usage(folder).free, bytes_a_day(folder, now))
    yield _clock(folder, place, now)
    if held := _holder(folder / LOCK_NAME, now):
        yield note("lock", held, "wait for its end; or stop it (kill, kill again): what it has read is saved")


def _folder(folder: Path) -> Iterator[Finding]:
    places = [folder, *(folder / name for name in ("articles", "reports"))]
    files = [folder / name for name in (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm", LOCK_NAME)]
    files += sorted((folder / "articles").glob("*.jsonl"))[-1:]
    closed = [str(place) for place in places if place.exists() and not os.access(place, os.W_OK | os.X_OK)]
    closed += [str(file) for file in files if file.exists() and not os.access(file, os.R_OK | os.W_OK)]
    there = [place for place in (*places, *files) if place.exists()]
    if closed:
        yield problem("folder", f"{', '.join(closed)}: cannot be written", "give the user of the crawl the right to")
        return
    owners = {place.stat().st_uid for place in there}
    if len(owners) > 1:
        said = f"{folder} and what is in it belong to several users ({', '.join(map(str, sorted(owners)))})"
        yield note("folder", said, "let one user run the crawl: what root has written, others cannot")
    elif open_to_all := [str(place) for place in there if place.stat().st_mode & stat.S_IWOTH]:
        said = f"{', '.join(open_to_all)}: every user of the machine may write there"
        yield note("folder", said, f"chmod o-w {open_to_all[0]}")
    else:
        yield ok("folder", f"{folder} and what is in it can be written")


def bytes_a_day(folder: Path, now: dt.datetime) -> float | None:
    """How much a day's runs have written of late; None where that is not known yet."""
    runs = [run for run in _runs(folder) if run <= now]
    if not runs or now - min(runs) < dt.timedelta(days=1):
        return None
    age = now - min(runs)
    since = (now - min(age, USE_OF)).timestamp()
    files = (path.stat() for name in ("articles", "reports") for path in (folder / name).glob("*.json*"))
    of_late = sum(file.st_size for file in files if file.st_mtime >= since)
    state = (folder / FILE_NAME).stat().st_size if (folder / FILE_NAME).exists() else 0
    return of_late / (min(age, USE_OF) / dt.timedelta(days=1)) + state / (age / dt.timedelta(days=1))


def _disk(free: int, daily: float | None) -> Finding:
    said = f"{free / 1e9:,.1f} GB free"
    if daily:
        said += f"; {daily / 1e6:,.1f} MB a day are written, which is enough for {min(free / daily, 9999):,.0f} days"
    if free < ENOUGH_BYTES:
        return problem("disk", said, "make room before the next run")
    if daily and free / daily < ENOUGH_DAYS:
        return note("disk", said, "move old files of articles away, or make room")
    return ok("disk", said)


def _clock(folder: Path, place: Place, now: dt.datetime) -> Finding:
    stamps = dict(_stamps(folder, place))
    here = f"{now:%Y-%m-%d %H:%M} UTC"
    if not stamps:
        return ok("clock", f"{here}; no run to compare it with")
    what, newest = max(stamps.items(), key=lambda stamp: stamp[1])
    if newest > now + CLOCKS_DIFFER:
        said = f"{here}, but the newest {what} at {newest:%Y-%m-%d %H:%M}"
        return problem("clock", said, "set the machine's clock; dates of crawling may be wrong")
    return ok("clock", f"{here}; the newest {what} at {newest:%Y-%m-%d %H:%M}")


def _stamps(folder: Path, place: Place) -> Iterator[tuple[str, dt.datetime]]:
    """What has a date on it, and the newest date of each kind."""
    if runs := list(_runs(folder)):
        yield "run began", max(runs)
    files = [*(folder / "articles").glob("*.jsonl"), *(folder / "reports").glob("*.json")]
    if times := [path.stat().st_mtime for path in (*files, folder / FILE_NAME) if path.exists()]:
        yield "file was written", dt.datetime.fromtimestamp(max(times), dt.UTC)
    with suppress(DiskError, ValueError):  # a state that cannot be read is told by another check
        if asked := [polled.asked_at for polled in kept_polled(place).values()]:
            yield "source was asked", max(asked)


def _runs(folder: Path) -> Iterator[dt.datetime]:
    """When runs began, as the names of their reports say."""
    for report in reports_in(folder):
        with suppress(ValueError):
            yield dt.datetime.strptime(report.name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)


def _holder(lock: Path, now: dt.datetime) -> str | None:
    """Who holds the folder's lock, and for how long; None where nobody does."""
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = lock.read_text("ascii", "replace").strip()
        since = dt.datetime.fromtimestamp(lock.stat().st_mtime, dt.UTC)
        return (
            f"process {pid or 'unknown'}{_command(pid)} holds the folder since {since:%Y-%m-%d %H:%M} ({now - since})"
        )
    except OSError:
        pass
    return None


def _command(pid: str) -> str:
    """What a process of this machine runs, in brackets; empty where that cannot be told."""
    try:
        words = (_PROC / pid / "cmdline").read_bytes().split(b"\0") if pid.isdigit() else []
    except OSError:
        return " (which is not on this machine, or another user's)"
    text = without_passwords(" ".join(word.decode("utf-8", "replace") for word in words if word))
    return f" ({text[:COMMAND_CHARS]}{' …' if len(text) > COMMAND_CHARS else ''})" if text else ""
