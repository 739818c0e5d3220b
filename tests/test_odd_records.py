"""Lines that others wrote may hold anything in any field: who lists, shows, browses or exports them meets no error."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.collection.catalogue import update
from crawler.collection.files import named_files
from crawler.collection.records import is_article, read_record, whole_text
from crawler.commands.article_list import list_articles
from crawler.commands.articles import add_to
from crawler.commands.showing import show_articles
from crawler.export.columns import columns, row_of
from crawler.export.parquet import schema_of
from crawler.terminal import stdout_console
from tests.collection import record

TEXTS = st.text(max_size=8) | st.sampled_from(
    ["2025-04-26T10:00:00+03:00", "2025-13-99", "low", "\ud800", "=1", "\x1b[2J"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.just("name"), inner, max_size=3),
    max_leaves=6,
)
USUAL = record(1)
KEYS = [*USUAL, *(("_dateline", key) for key in USUAL["_dateline"])]


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """A record in which some fields hold anything, or are missing."""
    odd = json.loads(json.dumps(USUAL))
    for key in draw(st.lists(st.sampled_from(KEYS), max_size=6)):
        place, name = (odd.get("_dateline"), key[1]) if isinstance(key, tuple) else (odd, key)
        if isinstance(place, dict):
            place[name] = draw(VALUES)
            if draw(st.booleans()):
                del place[name]
    return odd


class Out(io.TextIOWrapper):
    """A standard output of a test's own."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def options_of(*arguments: str) -> Any:
    import argparse

    parser = argparse.ArgumentParser()
    add_to(parser.add_subparsers())
    return parser.parse_args(["articles", *arguments])


@pytest.mark.parametrize(
    "way", [[], ["--json"], ["--csv"], ["--removed"], ["--grep", "a|1"], ["--since", "2025-01-01"]]
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(lines=st.lists(records(), min_size=1, max_size=3))
def test_whatever_a_line_holds_it_is_listed_or_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: list[str], lines: list[dict[str, Any]]
) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    articles = [line for line in lines if is_article(line)]
    monkeypatch.setattr(sys, "stdout", Out(is_terminal=not {"--json", "--csv"} & {*way}))
    stdout_console.cache_clear()
    options = options_of(*way)
    assert list_articles(options, [path]) == 0
    names = [line["id"] for line in articles if len(line["id"]) >= 6]
    assert show_articles(options, [path], names) == 0
    sys.stdout.flush()
    said = sys.stdout.buffer.getvalue().decode("utf-8")
    assert "\x1b[2J" not in said
    if way == ["--json"]:
        assert all(read_record(line.encode()) for line in said.splitlines())
    (tmp_path / "odd.sqlite").unlink(missing_ok=True)
    versions = {(line["id"], line["_dateline"]["version"]) for line in articles}
    assert update(tmp_path / "odd.sqlite", named_files([path]), lambda *_: None) == len(versions)
    stdout_console.cache_clear()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(line=records())
def test_whatever_a_line_holds_is_in_its_columns_or_beside_them(line: dict[str, Any]) -> None:
    found = read_record(json.dumps(line).encode())
    if found is None or not is_article(found):
        return
    row = row_of(found)
    read = pa.RecordBatch.from_pylist([row], schema=schema_of(columns())).to_pylist()[0]
    rest = json.loads(read["more"] or "{}")
    for (place, kept), left in (
        ((found, read), rest),
        ((found["_dateline"], read["_dateline"]), rest.get("_dateline", {})),
    ):
        for name, value in place.items():
            if name not in left and not isinstance(value, dict | list):
                assert kept[name] == (whole_text(value) if isinstance(value, str) else value)
            elif name not in left:
                assert bool(kept[name]) == bool(value)
