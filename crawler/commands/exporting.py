"""The collection read, and written in another form, whole or not at all."""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path

from rich.text import Text

from crawler.collection import catalogue
from crawler.collection.files import LineFile, not_before
from crawler.collection.gathered import Gathered
from crawler.collection.wanted import read_pattern
from crawler.commands.article_list import Complaints, files_of, wanted_of
from crawler.commands.bars import articles_bar, bytes_bar
from crawler.errors import ConfigError
from crawler.exits import Exit
from crawler.export.drafts import drafted
from crawler.export.table import write_csv
from crawler.state import DiskError
from crawler.terminal import is_watched, say, stdout_console

Progress = Callable[[int], None]


class _Strict(Complaints):
    """As of a list, but a file that cannot be read to its end ends the export: what is in it would be missing."""

    def __call__(self, file: LineFile, number: int | None, why: str) -> None:
        if number is None:
            raise DiskError(f"{file.path}: {why}; nothing was exported")
        super().__call__(file, number, why)


def export(options: argparse.Namespace, named: Path) -> Exit:
    """Write what is asked for, and print where it stands."""
    place = named.resolve()
    files = not_before(files_of(options, options.names), options.since)
    wanted = wanted_of(options, read_pattern(options.grep) if options.grep else None)
    _check(options, place)
    try:
        with drafted(place) as draft, closing(Gathered(files, each_version=options.all_versions)) as gathered:
            write = _writer(options, place, draft)
            complaints = _Strict()
            with bytes_bar(sum(file.length() for file in files)) as progress:
                gathered.read(wanted, complaints, progress)
            complaints.close()
            with articles_bar(gathered.count) as progress:
                told = write(gathered, progress)
    except (sqlite3.Error, OSError) as error:
        raise DiskError(
            f"{getattr(error, 'filename', None) or place}: {getattr(error, 'strerror', None) or error}"
        ) from error
    if is_watched():
        say(f"{gathered.count:,} {'versions' if options.all_versions else 'articles'}{told}")
    stdout_console().print(Text(str(named)), soft_wrap=True)
    return Exit.FINE


def _check(options: argparse.Namespace, place: Path) -> None:
    """ConfigError where something else stands at the place, which is not to be lost."""
    if not place.exists():
        return
    if options.to == "parquet":
        if not place.is_dir():
            raise ConfigError(f"{place}: is a file; Parquet goes into a folder")
    elif not place.is_file():
        raise ConfigError(f"{place}: is no file that could be replaced")
    elif not (options.overwrite or (options.to == "sqlite" and catalogue.is_catalogue(place))):
        why = "is there" if options.to == "csv" else "was not made by an export"
        raise ConfigError(f"{place}: {why}; name another file, or replace it with --overwrite")


def _writer(options: argparse.Namespace, place: Path, draft: Path) -> Callable[[Gathered, Progress], str]:
    """What writes the draft, and gives what there is to tell of it; ConfigError where it could not take the place."""
    if options.to == "csv":
        return partial(_write_csv, draft, is_exact=options.exact)
    if options.to == "sqlite":
        return partial(_write_sqlite, draft)
    from crawler.export.parquet import written_files  # pyarrow is an extra

    return partial(_write_parquet, draft, place, written_files(place) if place.exists() else {})


def _write_csv(draft: Path, gathered: Gathered, progress: Progress, *, is_exact: bool) -> str:
    write_csv(gathered.records(), draft, progress, is_exact=is_exact)
    return ""


def _write_sqlite(draft: Path, gathered: Gathered, progress: Progress) -> str:
    catalogue.make(draft, gathered.records(), progress)
    return ""


def _write_parquet(
    draft: Path, place: Path, before: Mapping[str, bytes], gathered: Gathered, progress: Progress
) -> str:
    from crawler.export.parquet import write_parts

    done = write_parts(gathered, draft, place, before, progress)
    files = f"{done.written + done.kept:,} files"
    return f" in {files}: {done.written:,} written, {done.kept:,} as before, {done.gone:,} gone"
