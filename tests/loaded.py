"""Commands in processes of their own that need not load the program: one process has loaded it, and forks for each.

To load it costs 0.6 s of CPU, ten times what a crawl of a small site does then. All else is as where a shell starts the
command: a process, its folder, environment, pipes and exit code, and the interpreter's ordinary end. Where a test sends
signals, looks at a terminal or asks what is loaded, it starts the command itself (``command_of``).
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MAINS = {"crawler.cli": "main", "scrapy.cmdline": "execute"}
COMPONENTS = (
    "EXTENSIONS",
    "SPIDER_MIDDLEWARES",
    "DOWNLOADER_MIDDLEWARES",
    "ITEM_PIPELINES",
    "DOWNLOAD_HANDLERS",
)  # the settings that name what Scrapy loads when a crawl starts
MOST_BYTES = 1 << 17  # of what is asked: an environment, a folder and arguments


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return self.err.splitlines()


class Loaded:
    """A process that has loaded the program; it ends with this one."""

    def __init__(self, env: Mapping[str, str] = os.environ) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", "tests.loaded", str(theirs.fileno())]
            pipes = [theirs.fileno()]
            self._process = subprocess.Popen(command, cwd=ROOT, env=env, pass_fds=pipes, stdin=subprocess.DEVNULL)
        atexit.register(self._close)

    def _close(self) -> None:
        self._socket.close()
        self._process.wait()

    def run(
        self, module: str, *arguments: object, cwd: Path, timeout_s: float, env: Mapping[str, str] = os.environ
    ) -> Result:
        """What ``python -m module arguments`` comes to. Raises TimeoutExpired, with the process killed, as run does."""
        asked = {"module": module, "arguments": list(map(str, arguments)), "cwd": str(cwd)}
        message = json.dumps({**asked, "env": dict(env)}).encode()
        (out, out_there), (err, err_there) = os.pipe(), os.pipe()
        socket.send_fds(self._socket, [message], [out_there, err_there])
        os.close(out_there)
        os.close(err_there)
        pid = int(self._socket.recv(MOST_BYTES))
        try:
            said = _read((out, err), time.monotonic() + timeout_s)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired([module, *asked["arguments"]], timeout_s) from None
        finally:
            code = int(self._socket.recv(MOST_BYTES))
        return Result(code, *(text.decode() for text in said))


def _read(pipes: tuple[int, int], until: float) -> list[bytes]:
    """All that comes of both, which are closed then; TimeoutError when one is open still at that time."""
    came = {pipe: bytearray() for pipe in pipes}
    with selectors.DefaultSelector() as selector:
        try:
            for pipe in pipes:
                selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                ready = selector.select(until - time.monotonic())
                if not ready:
                    raise TimeoutError
                for key, _ in ready:
                    chunk = os.read(key.fd, 1 << 16)
                    came[key.fd] += chunk
                    if not chunk:
                        selector.unregister(key.fd)
        finally:
            for pipe in pipes:
                os.close(pipe)
    return [bytes(came[pipe]) for pipe in pipes]


@cache
def loaded() -> Loaded:
    """The one of this process, started at its first command."""
    return Loaded()


def _load() -> None:
    """Import what commands and crawls import on their way; nothing is run of it."""
    from scrapy.utils.misc import load_object

    import crawler.commands
    from crawler.commands.project import project_settings

    for found in pkgutil.iter_modules(crawler.commands.__path__, "crawler.commands."):
        importlib.import_module(found.name)
    settings = project_settings({"DATELINE_ALLOW": []})
    for setting in COMPONENTS:
        for name, place in settings.get_component_priority_dict_with_base(setting).items():
            load_object(name if isinstance(place, int) else place)
    for package in settings.getlist("SPIDER_MODULES"):
        for found in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            importlib.import_module(found.name)
    for module in MAINS:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # or each process would look through all of it at its end, and copy what it touches


def _next(asked: socket.socket) -> dict[str, Any]:
    """Fork for each command that is asked for: returns in the new process alone, with what it is to run."""
    while True:
        message, pipes, *_ = socket.recv_fds(asked, MOST_BYTES, 2)
        if not message:
            sys.exit()
        pid = os.fork()
        if pid == 0:
            asked.close()
            for number, pipe in enumerate(pipes, start=1):
                os.dup2(pipe, number)
                os.close(pipe)
            command: dict[str, Any] = json.loads(message)
            return command
        for pipe in pipes:
            os.close(pipe)
        asked.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        asked.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(command: Mapping[str, Any]) -> int:
    """Run a command as ``python -m`` does."""
    module = importlib.import_module(command["module"])
    os.chdir(command["cwd"])
    os.environ.clear()
    os.environ.update(command["env"])
    time.tzset()
    sys.path[0] = command["cwd"]
    sys.argv = [str(module.__file__), *command["arguments"]]
    sys.modules["__main__"] = module
    return int(getattr(module, MAINS[command["module"]])() or 0)


if __name__ == "__main__":
    _load()
    sys.exit(_become(_next(socket.socket(fileno=int(sys.argv[1])))))
