"""What a page can say at the terminal and in the log: nothing but plain text."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from crawler.commands.logs import LogFile


def test_a_traceback_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "crawl.log", encoding="utf-8")
    try:
        int("\x1b]52;c;aGk=\x07 \u202e \x9b31m")
    except ValueError:
        log.emit(logging.LogRecord("spider", logging.ERROR, "", 1, "\x1b[2Jbroken\n\u200b", (), sys.exc_info()))
    log.close()
    text = (tmp_path / "crawl.log").read_text("utf-8")
    assert "spider: [2Jbroken\nTraceback" in text
    assert all(char.isprintable() or char == "\n" for char in text)
