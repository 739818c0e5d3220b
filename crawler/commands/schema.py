"""``dateline schema``: the JSON Schema of a line of output."""

from __future__ import annotations

import argparse
import sys
from importlib.resources import files
from typing import Any

from crawler.exits import Exit


def add_to(commands: Any) -> None:
    """Add the sub-command to the command line."""
    parser = commands.add_parser(
        "schema",
        help="print the JSON Schema of the output",
        description="Print the JSON Schema (draft 2020-12) that every line of dateline's output is valid against.",
    )
    parser.set_defaults(run=run)


def run(_options: argparse.Namespace) -> int:
    """Print the schema."""
    sys.stdout.write(schema_text())
    return Exit.FINE


def schema_text() -> str:
    """The JSON Schema as it ships with the package."""
    return files("crawler").joinpath("record.schema.json").read_text("utf-8")
