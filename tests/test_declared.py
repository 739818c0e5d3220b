"""What a page declares for machines, as pages write it."""

from __future__ import annotations

import pytest

from crawler.extraction.declared import parse_json, walk


@pytest.mark.parametrize(
    "script",
    [
        '<!-- {"a": 1} -->',
        '//<![CDATA[\n{"a": 1}\n//]]>',
        '/* <![CDATA[ */ {"a": 1}; /* ]]> */',
        '<!-- // <![CDATA[\n{"a": 1} // ]]> -->;\n',
        '<![CDATA[{"a": 1,}]]> ;',
    ],
)
def test_json_is_read_when_comment_marks_wrap_it(script: str) -> None:
    assert parse_json(script) == {"a": 1}


@pytest.mark.parametrize("script", ["-->" + " " * 200_000 + "x", "]]>" + "\n" * 200_000 + "; x", "/*" * 200_000])
def test_json_is_given_up_soon_when_a_script_is_a_trap(script: str) -> None:
    assert parse_json(script) is None  # a pattern that tries each start of a run again would not come back


def test_values_that_hold_each_other_are_walked_once() -> None:
    one: list[object] = []
    one.extend([{"a": 1}, one, one])
    assert list(walk([one] * 1000, 10)) == [{"a": 1}]


def test_no_more_is_queued_than_is_looked_at() -> None:
    assert len(list(walk([{"n": n} for n in range(1000)], 10))) == 9  # the list itself is the tenth
