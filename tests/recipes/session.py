"""A Python that runs the blocks that it is given, a JSON line each, and answers with what they printed."""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
from contextlib import redirect_stdout
from typing import Any


def main() -> None:
    """Until its input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries write past Python's own output is none of the answers
    names: dict[str, Any] = {"__name__": "recipes"}
    for line in sys.stdin:
        language, code = json.loads(line)
        printed, error = io.StringIO(), None
        with redirect_stdout(printed):
            try:
                if language == "sql":
                    show(code)
                else:
                    exec(compile(code, "docs/reading.md", "exec"), names)  # noqa: S102  the document is ours
            except Exception:  # noqa: BLE001  it is told
                error = traceback.format_exc()
        answers.write(json.dumps({"printed": printed.getvalue(), "error": error}) + "\n")
        answers.flush()


def show(statement: str) -> None:
    """Run a statement in DuckDB, and print its rows where it has any."""
    import duckdb

    found = duckdb.sql(statement)
    if found is not None and statement.startswith(("SELECT", "WITH")):
        sys.stdout.write(f"{str(found).rstrip()}\n")


if __name__ == "__main__":
    main()
