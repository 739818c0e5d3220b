"""The state held against the files; nothing is changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from crawler.collection.files import LineFile, sound_parts
from crawler.doctor.files import files_of, holds_lines, line_files, lines_in, tail_of
from crawler.doctor.findings import Finding, note, ok, problem
from crawler.doctor.places import check_places
from crawler.parts.shelf import shelf_at
from crawler.state import DiskError
from crawler.state.database import Database
from crawler.state.files import DayFiles
from crawler.state.ledger import Ledger, Some
from crawler.state.lines import Lines
from crawler.state.opening import opened_as_it_is
from crawler.state.reading import is_there
from crawler.state.schema import OWNED
from crawler.state.sqlite import FILE_NAME
from crawler.state.url import Url

REPAIR = "dateline doctor --repair"


def checkup(folder: Path, more: Sequence[Path], now: dt.datetime, url: Url | None = None) -> Iterator[Finding]:
    """Every check in turn; ``more`` are files beside those that the state knows, such as ones that were moved away.

    Raises DiskError where there is no data folder or its state cannot be read, LockedError while a run is using it.
    """
    folder = folder.resolve()
    place = url or folder
    if url and not folder.is_dir():
        raise DiskError(f"{folder}: there is no such folder; name the crawl's with --data DIR")
    has_state = is_there(place)
    if not has_state and not holds_lines(folder):
        where, named = (url, "--state URL") if url else (folder / FILE_NAME, "--data DIR")
        raise DiskError(f"{where}: there is no state here; name the crawl's with {named}")
    yield from check_places(folder, place, now)
    if not has_state:
        yield problem("state", "there is none, and articles stand in files", f"{REPAIR} takes them into a new one")
        return
    with closing(opened_as_it_is(folder, url)) as db:
        yield ok("lock", "no run is using the folder")
        if damage := db.damage():
            aside = f"move {FILE_NAME}* out of the folder; {REPAIR} then takes the written articles into a new state"
            yield problem("state", f"{FILE_NAME} is damaged: {damage}", aside)
            return
        yield _schema(db, url)
        if url is None and db.version() < OWNED:
            return
        lines = Lines(db, DayFiles(folder))
        yield _pending(lines)
        yield from _lengths(lines, folder)
        parts, faults = sound_parts(shelf_at(folder))
        yield from _parts(parts, faults)
        yield from _articles(db, lines, line_files(lines, folder, parts, more))


def _schema(db: Database, url: Url | None) -> Finding:
    version, newest = db.version(), db.newest
    if version < newest:
        said = f"whole, of version {version} of {newest}"
        return note("state", said, f"the next run, or {REPAIR}, brings it up; then lines can be counted")
    return ok("state", f"{db.place}, of version {version}" if url else f"whole, of version {version}")


def _pending(lines: Lines) -> Finding:
    pending = lines.pending()
    if not pending:
        return ok("pending", "no line waits for its file")
    said = f"{sum(pending.values()):,} lines are committed and may not be in {', '.join(map(str, pending))} yet"
    return problem("pending", said, f"nothing is lost: the next run, or {REPAIR}, appends them")


def _lengths(lines: Lines, folder: Path) -> Iterator[Finding]:
    """Each file is as long as what was written to it, or longer, and ends with a line's end."""
    troubles = 0
    committed = lines.committed()
    for path, size in committed.items():
        if not path.exists():
            yield note("files", f"{path} is not there any more", "if it was not you who moved it, restore it")
        elif (there := path.stat().st_size) < size:
            troubles += 1
            said = f"{path} is {there:,} bytes long, and lines were written to it up to {size:,}"
            yield problem("files", said, f"restore it; or {REPAIR} goes on after what is there")
    for path in files_of(lines, folder):
        if (tail := tail_of(path)) and tail.is_torn:
            troubles += 1
            said = f"{path} ends in a torn line of {len(tail.content):,} bytes"
            yield problem("files", said, f"{REPAIR} moves it to {path.name}.torn")
    if not troubles:
        yield ok("files", f"{len(committed):,} known, none shorter than what was written, none torn")


def _parts(parts: Sequence[LineFile], faults: Sequence[str]) -> Iterator[Finding]:
    """What a cluster has written is as the manifest tells it; nothing is said where there is none."""
    for fault in faults:
        yield problem("parts", fault, "restore it: what counts of a part stands in its entry alone")
    if parts and not faults:
        yield ok("parts", f"{len(parts):,} that a cluster has written, each as long as its entry says")


def _articles(db: Database, lines: Lines, files: Sequence[LineFile]) -> Iterator[Finding]:
    """Each version that was written stands in one line, and each line is known."""
    ledger, others = Ledger(db), 0
    for file in files:
        for line in lines_in(file):
            if line.article:
                ledger.add(line.article.id, line.article.version)
            else:
                others += 1
    found = [*_lines(ledger), *_missing(ledger, lines)]
    if number := ledger.addresses_without_article():
        said = f"{number:,} addresses are said to hold articles that the state does not know"
        found.append(problem("addresses", said, f"{REPAIR} lets them be fetched again"))
    yield from found
    if not found:
        yield ok("articles", f"{ledger.lines:,} lines in {len(files):,} files, each known, each once, none missing")
    if others:
        yield note("articles", f"{others:,} lines in these files are no articles of ours; they are left alone")


def _lines(ledger: Ledger) -> Iterator[Finding]:
    twice, unknown = ledger.twice(), ledger.unknown()
    if twice.number:
        said = f"{_these(twice, 'versions')} stand more than once"
        yield problem("articles", said, "a file may have been copied into another: take the copy out")
    if unknown.number:
        said = f"{_these(unknown, 'versions')} stand in files and are not known to the state"
        yield problem("articles", said, f"{REPAIR} takes them in, so that they are not written again")


def _missing(ledger: Ledger, lines: Lines) -> Iterator[Finding]:
    missing = ledger.missing()
    if not missing.number:
        return
    said = f"{_these(missing, 'articles')} were written and stand in no file, not in every version"
    if others := lines.others():
        yield note("articles", said, f"they may be in the files of others ({others:,}) that write to this state, too")
    elif all(path.exists() for path in lines.committed()):
        advice = "name the files that they were moved to; or dateline doctor --repair --refetch-missing forgets them"
        yield problem("articles", said, advice)
    else:
        yield note("articles", said, "they may be in the files that are not there any more; name those to be sure")


def _these(some: Some, what: str) -> str:
    return f"{some.number:,} {what} (of {', '.join(some.ids)}{' …' if some.number > len(some.ids) else ''})"
