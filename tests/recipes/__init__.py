"""The recipes of docs/reading.md, taken out of it and run: ``blocks_of`` and ``printed_by``."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "reading.md"
TIMEOUT_S = 120
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$|^## (.+?)$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block of code of the document, and what it prints as the block of text after it says; empty if none does."""

    line: int
    language: str
    code: str
    printed: str = ""


def blocks_of(document: str) -> dict[str, list[Block]]:
    """The blocks of code by the heading that they stand under."""
    sections: dict[str, list[Block]] = {}
    section = ""
    for match in _BLOCK.finditer(document):
        language, code, heading = match.groups()
        if heading:
            section = heading
        elif language == "text":
            last = sections[section].pop()
            sections[section].append(Block(line=last.line, language=last.language, code=last.code, printed=code))
        else:
            line = document.count("\n", 0, match.start()) + 1
            sections.setdefault(section, []).append(Block(line=line, language=language, code=code))
    return sections


def printed_by(blocks: Sequence[Block], folder: Path) -> Iterator[str]:
    """What each block prints, those of a section one after another in one folder, and in one session of Python."""
    session = Session(folder)
    try:
        for block in blocks:
            yield session.shell(block) if block.language == "sh" else session.python(block)
    finally:
        session.close()


class Session:
    """A shell and a Python that a reader of the document has open in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        commands = folder / "bin"
        commands.mkdir(exist_ok=True)
        ours = commands / "dateline"
        ours.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m crawler.cli "$@"\n')
        ours.chmod(0o755)
        self._environment = {
            **os.environ,
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HF_HOME": str(folder / "hub"),  # datasets keeps what it reads there
            "HF_HUB_OFFLINE": "1",
            "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
            "LC_ALL": "C.UTF-8",
        }
        self._python: subprocess.Popen[str] | None = None

    def shell(self, block: Block) -> str:
        """What a block prints in a shell."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.code],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            timeout=TIMEOUT_S,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), f"line {block.line}"
        return done.stdout

    def python(self, block: Block) -> str:
        """What a block prints in Python, or a statement in DuckDB."""
        if self._python is None:
            self._python = subprocess.Popen(
                [sys.executable, "-u", Path(__file__).with_name("session.py")],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._python.stdin is not None
        assert self._python.stdout is not None
        self._python.stdin.write(json.dumps([block.language, block.code]) + "\n")
        self._python.stdin.flush()
        answer = self._python.stdout.readline()
        assert answer, f"line {block.line}: Python ended"
        said = json.loads(answer)
        assert said["error"] is None, f"line {block.line}: {said['error']}"
        return str(said["printed"])

    def close(self) -> None:
        if self._python is not None:
            self._python.communicate(timeout=TIMEOUT_S)
