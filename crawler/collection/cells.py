"""Texts of strangers as cells of a table that a spreadsheet opens."""

from __future__ import annotations

import re

# What spreadsheets take for the beginning of a formula (OWASP, CSV injection), wide forms and unseen marks included
_FORMULA = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def safe_cell(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula, nor a terminal for an order.

    >>> [safe_cell(text) for text in ('=HYPERLINK("x")', " +1", "1-2", "-3")]
    ['\\'=HYPERLINK("x")', "' +1", '1-2', "'-3"]
    """
    written = _UNWRITABLE.sub("", text)
    return f"'{written}" if _FORMULA.match(written) else written
