"""What can be mended without guessing, each step whole or not at all.

A line that stands in a file was written, whatever the state says: it is taken in. A line that stands in no file may
have been taken away by its owner: its article stays known, unless the owner asks for it to be fetched again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from crawler.collection.files import LineFile, sound_parts
from crawler.delivery import append_lines, cut
from crawler.doctor.files import files_of, line_files, lines_in, tail_of
from crawler.errors import ConfigError
from crawler.items import Outcome
from crawler.parts.shelf import shelf_at
from crawler.policy import Policy
from crawler.state.addresses import Addresses
from crawler.state.articles import Articles
from crawler.state.database import Database, storable
from crawler.state.errors import DiskError
from crawler.state.files import DayFiles
from crawler.state.ledger import Ledger
from crawler.state.lines import Lines
from crawler.state.opening import opened
from crawler.state.url import Url
from crawler.verdict import Ended

TOGETHER = 1000  # articles taken in with one commit


def repair(
    folder: Path, more: Sequence[Path], today: dt.date, *, refetch_missing: bool, url: Url | None = None
) -> Iterator[str]:
    """Mend, and say what was done. Raises DiskError and LockedError as opening the state does.

    Articles of a state that other folders write to as well are not forgotten: their lines may stand there.
    """
    folder = folder.resolve()
    with closing(opened(folder, url)) as db:
        if damage := db.damage():
            raise DiskError(f"{db.place}: {damage}; nothing was changed")
        addresses, articles, lines = Addresses(db, Policy(), today), Articles(db), Lines(db, DayFiles(folder))
        if refetch_missing and (number := lines.others()):
            raise ConfigError(
                f"--refetch-missing: {number:,} others write to this state; what is missing may be theirs"
            )
        for path, number in lines.repair().items():
            yield f"{path}: {number:,} lines that were owed to it are there"
        yield from _cut_tails(db, lines, folder)
        parts, _ = sound_parts(shelf_at(folder))
        files = line_files(lines, folder, parts, more)
        if refetch_missing and (number := _forget_missing(db, addresses, articles, files)):
            yield f"{number:,} articles that stand in no file are forgotten: written again when a source names them"
        if number := _take_in(db, addresses, articles, files):
            yield f"{number:,} versions that stand in files are known now"
        if number := addresses.drop_without_article():
            yield f"{number:,} addresses of articles that are not known are asked for again when they are named"


def _cut_tails(db: Database, lines: Lines, folder: Path) -> Iterator[str]:
    committed = lines.committed()
    for path in files_of(lines, folder):
        with db.disk_errors():
            tail = tail_of(path)
            if tail and tail.is_torn:
                append_lines(path.with_name(f"{path.name}.torn"), [tail.content + b"\n"])
                cut(path, tail.start)
                yield f"{path}: its torn last line, {len(tail.content):,} bytes, is in {path.name}.torn"
            there = path.stat().st_size
        if there < committed.get(path, 0):
            with db.together():
                lines.accept(path, there)
            yield f"{path}: shorter than what was written to it; lines go on after what is there"
    db.flush()


def _forget_missing(db: Database, addresses: Addresses, articles: Articles, files: Sequence[LineFile]) -> int:
    """Forget articles and their addresses with one commit: an article is never unknown and its address seen."""
    ledger = Ledger(db)
    with db.together():
        for file in files:
            for line in lines_in(file):
                if line.article:
                    ledger.add(line.article.id, line.article.version)
    gone = ledger.without_newest()
    with db.together():
        for article_id in gone:
            articles.forget(article_id)
        addresses.drop_without_article()
    db.flush()
    return len(gone)


def _take_in(db: Database, addresses: Addresses, articles: Articles, files: Sequence[LineFile]) -> int:
    taken = 0
    for file in files:
        for line in lines_in(file):
            if line.article is None:
                continue
            article = replace(line.article, id=storable(line.article.id))
            known = articles.get(article.id)
            if known and known.version >= article.version:
                continue
            ended = Ended(url=line.url, outcome=Outcome.SAVED, at=line.crawled, article=article.id)
            with db.together():
                articles.note(article)
                addresses.note(ended)
            taken += 1
            if taken % TOGETHER == 0:
                db.flush()
    db.flush()
    return taken
