"""Kept pages read once more: each against the newest line of its article, of which it makes a new version or none."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.text import Text

from crawler.collection.files import LineFile, named_files, sound_parts
from crawler.collection.lines import line_at, raw_lines
from crawler.commands.jobs import Job, results_of
from crawler.distant import LocalFile
from crawler.edits import shape_of
from crawler.exits import Exit
from crawler.identity import address_digest, host_of
from crawler.items import Extract, FoundBy, Outcome, Page, Reason, Refused
from crawler.memories import Memories
from crawler.parts.shelf import shelf_at
from crawler.policy import Policy, accepted
from crawler.record import Facts, article_record, content_hash, json_line, text_hash, title_hash, utc_stamp
from crawler.report import new_run
from crawler.saved import members
from crawler.state import State
from crawler.terminal import one_line, say, stdout_console
from crawler.verdict import Ended, unix_time
from crawler.workers import Workers, extract_page
from spiders.warc import Capture, Flaw, NotAnArchiveError, captures

# fields of the record whose change makes a new version; what is told under _dateline explains, and makes none
FIELDS = (
    "title",
    "content_text",
    "summary",
    "authors",
    "date_published",
    "date_modified",
    "language",
    "image",
    "tags",
    "section",
    "publisher",
    "canonical_url",
    "is_accessible_for_free",
)
EXAMPLES = 10
SHOWN = 160  # characters of a text in an example


@dataclass(slots=True, kw_only=True)
class Counts:
    """What came of the kept pages."""

    read: int = 0
    changed: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)  # articles that stay as they are, by why
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The newest line of an article, and where its newest kept page is."""

    line: LineFile
    starts_at: int  # in it, in bytes
    pages: Path
    page_at: int

    def record(self) -> dict[str, Any]:
        """The line."""
        record: dict[str, Any] = json.loads(line_at(self.line, self.starts_at))
        return record

    def page(self) -> Page | Refused:
        """The page as it came."""
        try:
            now = dt.datetime.now(dt.UTC)
            with closing(captures(LocalFile(self.pages).open_at, self.page_at, now)) as found:  # type: ignore[type-var]
                first = next(found, None)
        except (OSError, NotAnArchiveError) as error:
            return Refused(reason=Reason.UNREADABLE, detail=str(error))
        if isinstance(first, Capture):
            return replace(first.page, teaches=False)
        return Refused(reason=Reason.UNREADABLE, detail=first.why if isinstance(first, Flaw) else "no page")


def reextract(options: argparse.Namespace, pages: Path) -> int:
    """Write, or show, what the kept pages give now; the exit code."""
    counts = Counts()
    state = State(options.data, url=options.state)
    try:
        with closing(sqlite3.connect("")) as index:  # an empty name: in a file of its own that goes with it
            _index_pages(index, pages)
            files = _line_files(state, options.data)
            _index_lines(index, files, options)
            counts.left["kept pages whose article stands in no file"] += _pages_alone(index)
            asyncio.run(_read_again(state, _written(index, files), options, counts))
    finally:
        state.close()
    _tell(counts, is_dry=options.dry_run)
    return Exit.FINE


def _index_pages(index: sqlite3.Connection, pages: Path) -> None:
    """Where the newest kept page of each address is."""
    index.execute("CREATE TABLE pages (address BLOB PRIMARY KEY, at INTEGER, file TEXT, offset INTEGER) WITHOUT ROWID")
    for path in members(pages):
        try:
            for found in captures(LocalFile(path).open_at, 0, dt.datetime.now(dt.UTC)):
                if isinstance(found, Flaw):
                    say(f"{path} at byte {found.offset:,}: {found.why}")
                if isinstance(found, Capture):
                    row = address_digest(found.page.url), _moment(found.page), str(path), found.offset
                    index.execute(
                        "INSERT INTO pages VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at,"
                        " file = excluded.file, offset = excluded.offset WHERE excluded.at >= at",
                        row,
                    )
        except NotAnArchiveError as error:
            say(f"{path}: {error}")


def _line_files(state: State, folder: Path) -> list[LineFile]:
    """The files that were written, and what counts of the parts that a cluster has written to the folder."""
    paths = [path for path in state.files() if path.exists()]
    parts, faults = sound_parts(shelf_at(folder))
    for fault in faults:
        say(f"{fault}; its articles are left out")
    return [*named_files(paths), *parts]


def _index_lines(index: sqlite3.Connection, files: Sequence[LineFile], options: argparse.Namespace) -> None:
    """Where the newest version of each wanted article stands: in which of the files, and where in it."""
    index.execute(
        "CREATE TABLE lines (id TEXT PRIMARY KEY, version INTEGER, address BLOB, file INTEGER, offset INTEGER,"
        " is_wanted INTEGER) WITHOUT ROWID"
    )
    for number, file in enumerate(files):
        for line in raw_lines(file):
            if line.content is not None and (row := _line_row(line.content, options)) is not None:
                index.execute(
                    "INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET version ="
                    " excluded.version, address = excluded.address, file = excluded.file, offset = excluded.offset,"
                    " is_wanted = excluded.is_wanted WHERE excluded.version >= version",
                    (*row[:3], number, line.start, row[3]),
                )


def _pages_alone(index: sqlite3.Connection) -> int:
    (number,) = index.execute("SELECT COUNT(*) FROM pages LEFT JOIN lines USING (address) WHERE id IS NULL").fetchone()
    return int(number)


def _line_row(line: bytes, options: argparse.Namespace) -> tuple[str, int, bytes, bool] | None:
    try:
        record = json.loads(line)
        about, url = record["_dateline"], record["url"]
        day = (record["date_published"] or about["date_crawled"])[:10]
        version, article = int(about["version"]), str(record["id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None  # a line by others
    host = host_of(url)
    is_wanted = (
        (not options.site or any(host == site or host.endswith(f".{site}") for site in options.site))
        and (options.since is None or day >= options.since.isoformat())
        and (options.until is None or day <= options.until.isoformat())
    )
    return article, version, address_digest(url), is_wanted


def _written(index: sqlite3.Connection, files: Sequence[LineFile]) -> Iterator[Written]:
    """The articles with a kept page, in the order of their pages."""
    rows = index.execute(
        "SELECT lines.file, lines.offset, pages.file, pages.offset FROM lines JOIN pages USING (address)"
        " WHERE is_wanted ORDER BY pages.file, pages.offset"
    )
    for file, start, page, page_at in rows:
        yield Written(line=files[file], starts_at=start, pages=Path(page), page_at=page_at)


async def _read_again(state: State, articles: Iterator[Written], options: argparse.Namespace, counts: Counts) -> None:
    workers, memories = Workers(extract_page), Memories(state)
    run = new_run(dt.datetime.now(dt.UTC))
    under_way: dict[str, Written] = {}

    def jobs() -> Iterator[Job]:
        for number, article in enumerate(articles):
            under_way[str(number)] = article
            yield Job(name=str(number), url="", load=article.page)

    try:
        async for job, page, result in results_of(jobs(), workers, lambda page: memories.told(page) or page):
            counts.read += 1
            _compare(state, under_way.pop(job.name).record(), page, result, run, options, counts)
    finally:
        workers.close()


def _compare(
    state: State,
    before: dict[str, Any],
    page: Page | None,
    result: Extract | Refused,
    run: str,
    options: argparse.Namespace,
    counts: Counts,
) -> None:
    """Write the new version of an article, or count why there is none."""
    extract = accepted(result, Policy()) if isinstance(result, Extract) else result
    if page is None or isinstance(extract, Refused):
        why = extract.reason.value if isinstance(extract, Refused) else "unreadable"
        counts.left[f"now refused: {why}"] += 1
        return
    about = before["_dateline"]
    if _moment(page) < unix_time(about["date_crawled"]):
        counts.left["made of a newer page than the kept one"] += 1
        return
    known = state.article(before["id"])
    if known is None or known.version != about["version"]:
        counts.left["not as the state knows it (dateline doctor)"] += 1
        return
    facts = Facts(
        id=before["id"],
        date_crawled=utc_stamp(page.fetched_at),
        first_seen=about["first_seen"],
        version=known.version + 1,
        http_status=page.status,
        found_by=page.hint.found_by if page.hint else FoundBy.ARCHIVE,
        run=run,
        previous_hash=about["content_hash"],
    )
    after = article_record(extract, facts)
    changed = tuple(name for name in FIELDS if before.get(name) != after[name])
    if not changed:
        counts.left["unchanged"] += 1
        return
    counts.changed += 1
    counts.fields.update(changed)
    if len(counts.examples) < EXAMPLES:
        counts.examples += [_example(before, after, changed)]
    if options.dry_run:
        return
    article = replace(
        known,
        version=facts.version,
        content_hash=content_hash(extract),
        title_hash=title_hash(extract),
        text_hash=text_hash(extract),
        shape=shape_of(extract).as_bytes(),
    )
    asked = page.asked_for
    ended = Ended(url=asked, outcome=Outcome.UPDATED, article=article.id, at=utc_stamp(page.fetched_at))
    day = dt.datetime.now(dt.UTC).date()  # of the line, which is new, not of its page
    path = state.folder / "articles" / f"{day:%Y-%m-%d}.jsonl"
    state.save(article, ended, json_line(article_record(extract, replace(facts, changed=changed))), path)


def _tell(counts: Counts, *, is_dry: bool) -> None:
    would = "would change" if is_dry else "changed"
    _print(f"{counts.read:,} articles with kept pages, {counts.changed:,} {would}")
    for name, number in (*counts.fields.most_common(), *(+counts.left).most_common()):
        _print(f"  {name:42} {number:>8,}")
    for example in counts.examples if is_dry else ():
        _print(f"\n{example}")


def _print(text: str) -> None:
    stdout_console().print(Text(text), soft_wrap=True)


def _example(before: Mapping[str, Any], after: Mapping[str, Any], changed: tuple[str, ...]) -> str:
    """An article and each of its fields before and after; of a text what has gone and what has come."""
    lines = [one_line(str(before["url"]))]
    for name in changed:
        old, new = before.get(name), after[name]
        if name == "content_text":
            first, second = str(old).split("\n\n"), str(new).split("\n\n")
            old = [part for part in first if part not in second]
            new = [part for part in second if part not in first]
        lines += [f"  {name}", f"    - {_shown(old)}", f"    + {_shown(new)}"]
    return "\n".join(lines)


def _shown(value: Any) -> str:
    text = one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _moment(page: Page) -> int:
    return unix_time(utc_stamp(page.fetched_at))
