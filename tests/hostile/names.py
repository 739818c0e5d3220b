"""The command with the hostile web's name server: ``python -m tests.hostile.names NAMES.json crawl …``.

NAMES.json maps host names to the addresses that they resolve to; all other names resolve as ever.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any


def main() -> int:
    """Run the command with the rest of the arguments."""
    names: dict[str, str] = json.loads(Path(sys.argv.pop(1)).read_text("utf-8"))
    real = socket.getaddrinfo

    def lookup(host: Any, *arguments: Any, **options: Any) -> Any:
        return real(names.get(str(host).lower().rstrip("."), host), *arguments, **options)

    socket.getaddrinfo = lookup  # before Twisted takes it over
    from crawler.cli import main as run

    return int(run() or 0)


if __name__ == "__main__":
    sys.exit(main())
