"""Articles of many files in one order, the newest first, in the memory of a few of them.

Files of days are read from the newest back, and what no older file can come before is handed out, so that whoever takes
twenty reads two or three days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

from crawler.collection.files import LineFile, read_ahead
from crawler.collection.places import NEWEST_FIRST, Places
from crawler.collection.records import Complain, Record, articles_in, day_of


def newest_first(
    files: Sequence[LineFile], wanted: Callable[[Record], bool], complain: Complain, *, each_version: bool = False
) -> Iterator[Record]:
    """The articles that are wanted, by day and then by moment of publication, newest first; of each its last version.

    The files are in the order of ``crawler.collection.files.in_order``. Within a day those of an unknown hour come
    last. ``each_version`` gives the earlier ones, too.
    """
    with closing(Places(files, NEWEST_FIRST, each_version=each_version)) as places:
        for number, file in enumerate(read_ahead(files)):
            for start, line, record in articles_in(file, complain):
                places.add(number, start, line, record, day=day_of(record) if wanted(record) else "")
            following = files[number + 1].newest if number + 1 < len(files) else None
            if following:
                yield from places.taken(after=following.isoformat())
            elif number + 1 == len(files):
                yield from places.taken()
