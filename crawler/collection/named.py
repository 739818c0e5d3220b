"""Articles that are named, by the beginning of an id or by an address, with all of their versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crawler.collection.files import LineFile, read_ahead
from crawler.collection.records import Complain, Record, articles_in
from crawler.identity import canonical_key
from crawler.record import id_of_address


def ids_of(files: Sequence[LineFile], name: str, complain: Complain) -> set[str]:
    """The ids of the articles that a name means: those that begin with it, or those of an address.

    Most addresses say their id. Where none is found by it (the page declares another address, or has moved), each
    record's addresses are held against it.
    """
    if "://" not in name:
        return _beginning_with(files, name, complain)
    return _beginning_with(files, id_of_address(name), complain) or _at(files, name, complain)


def versions_of(files: Sequence[LineFile], article: str, complain: Complain) -> list[Record]:
    """The versions of an article by its id, the first one first, each once."""
    lines = _lines_with(files, article, complain)
    found = {record["_dateline"]["version"]: record for record in lines if record["id"] == article}
    return [found[version] for version in sorted(found)]


def _beginning_with(files: Sequence[LineFile], begin: str, complain: Complain) -> set[str]:
    return {record["id"] for record in _lines_with(files, begin, complain) if record["id"].startswith(begin)}


def _at(files: Sequence[LineFile], url: str, complain: Complain) -> set[str]:
    key = canonical_key(url)
    return {
        record["id"]
        for file in read_ahead(files)
        for _, _, record in articles_in(file, complain)
        if key in {canonical_key(str(record[name])) for name in ("url", "canonical_url") if record.get(name)}
    }


def _lines_with(files: Sequence[LineFile], begin: str, complain: Complain) -> Iterator[Record]:
    """The articles on lines in which a text begins like this; the other lines are not parsed."""
    needle = f'"{begin}'.encode("utf-8", "surrogatepass")
    for file in read_ahead(files):
        yield from (record for _, _, record in articles_in(file, complain, needle=needle))
