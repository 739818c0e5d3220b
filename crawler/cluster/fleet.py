"""The workers of a Dask cluster: which there are and answer, what they are given, what they have done.

Dask carries tasks and answers; what is given to whom, and again after a death, is decided in crawler.cluster.handing,
since Dask waits for a worker that is paused and not dead (five minutes, distributed.scheduler.worker-ttl).
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

import dask
from distributed import Client, Future, LocalCluster

from crawler.cluster import tasks
from crawler.cluster.work import Answer, Come, Work
from crawler.errors import ConfigError
from crawler.workers import cores

logger = logging.getLogger(__name__)

LOCAL = "local"
CONNECT_WITHIN_S = 10.0
LOOK_EVERY_S = 1.0
ASK_WITHIN_S = 10.0
SILENT_S = 10.0  # a worker that says nothing for so long, or for as long as leases last, is given nothing


class Fleet:
    """The workers that can be given work: those that have our own program, and have been heard of of late.

    Raises ConfigError where there is no scheduler at the address.
    """

    def __init__(self, address: str, lease_s: float) -> None:
        self._silent_s = max(lease_s, SILENT_S)
        self._scratch = TemporaryDirectory(prefix="dateline-cluster-", ignore_cleanup_errors=True)
        try:
            self._client = _connect(address, self._scratch.name)
        except BaseException:  # whatever it was, an interrupt too
            self._scratch.cleanup()
            raise
        self._looked_at = float("-inf")
        self._slots: dict[str, int] = {}  # address of a worker → works that it does at a time
        self._heard: dict[str, tuple[float, float]] = {}  # its last sign of life, by its own word → when we saw it
        self._is_ours: dict[str, bool] = {}
        self._come: dict[str, Come] = {}  # id of a work → how far it is
        self._client.subscribe_topic(tasks.COME, self._hear)
        self._tasks: dict[str, tuple[Work, str, Future[Any]]] = {}  # id → work, worker, future

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError, TimeoutError, asyncio.CancelledError):
            self._client.close(timeout=5)
            if cluster := self._client.cluster:
                cluster.close(timeout=5)
        self._scratch.cleanup()

    @property
    def running(self) -> Sequence[Work]:
        """What is under way."""
        return [work for work, _, _ in self._tasks.values()]

    @property
    def slots(self) -> int:
        """How many works can be done at a time."""
        return sum(self._slots.values())

    def free(self) -> list[str]:
        """A worker for each further work that could be done now; those first that have least to do."""
        load = dict.fromkeys(self._slots, 0)
        for _, address, _ in self._tasks.values():
            if address in load:
                load[address] += 1
        places = [(n, address) for address, most in self._slots.items() for n in range(load[address], most)]
        return [address for _, address in sorted(places)]

    def give(self, work: Work, address: str) -> None:
        """Let a worker do this."""
        future = self._client.submit(
            tasks.crawl, work, key=f"dateline-{work.id}", workers=[address], pure=False, retries=0
        )
        self._tasks[work.id] = work, address, future

    def look(self) -> None:
        """See which workers there are; once a second at most."""
        if time.monotonic() - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = now = time.monotonic()
        known = self._known()
        for address, worker in known.items():
            seen = float(worker["last_seen"])
            if self._heard.get(address, (None, 0))[0] != seen:
                self._heard[address] = seen, now
        new = [address for address in known if address not in self._is_ours]
        self._is_ours |= {address: self._has_our_program(address) for address in new}
        self._slots = {
            address: int(worker["nthreads"])
            for address, worker in known.items()
            if self._is_ours[address] and now - self._heard[address][1] < self._silent_s
        }

    def _known(self) -> Mapping[str, Any]:
        """The workers by address, as the scheduler has them; none where it does not answer."""
        found: dict[str, Any] = {}

        def ask() -> None:
            with suppress(OSError, TimeoutError, asyncio.CancelledError):
                found.update(self._client.scheduler_info(n_workers=-1).get("workers", {}))

        _within(ASK_WITHIN_S, ask)
        return found

    def ended(self, within_s: float) -> Iterator[Answer]:
        """The works that have ended, or whose worker has gone or says nothing; waits for the first, not for longer."""
        until = time.monotonic() + within_s
        while not (found := list(self._ended())) and time.monotonic() < until:
            time.sleep(0.05)
        for answer in found:
            _, _, future = self._tasks.pop(answer.work.id)
            future.release()
            yield replace(answer, come=self._come.pop(answer.work.id, Come()))

    def _ended(self) -> Iterator[Answer]:
        for work, address, future in self._tasks.values():
            if future.done():
                yield _answer(work, future)
            elif address not in self._slots:
                yield Answer(work=work, told=None, why=f"worker {address} has gone, or says nothing")

    def come(self) -> Mapping[str, Come]:
        """How far the works have come that are under way, by their ids."""
        return {id_: come for id_, come in self._come.items() if id_ in self._tasks}

    def stop(self) -> None:
        """Ask all that is under way to save and end."""
        addresses = sorted({address for _, address, _ in self._tasks.values() if address in self._slots})
        if addresses:
            self._ask(addresses, tasks.stop, list(self._tasks))

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        _, told = event
        self._come[told["id"]] = Come(**told["come"])

    def _ask(self, addresses: list[str], what: Callable[..., Any], *arguments: Any) -> Mapping[str, Any]:
        """What workers answer; nothing where one of them does not, as a paused one."""
        answers: dict[str, Any] = {}

        def ask() -> None:
            with suppress(OSError, TimeoutError):
                answers.update(self._client.run(what, *arguments, workers=addresses, on_error="return"))

        _within(ASK_WITHIN_S, ask)
        return answers

    def _has_our_program(self, address: str) -> bool:
        """Whether a worker can do our work; why it cannot is said once."""
        there = self._ask([address], tasks.program).get(address)
        if there == (here := tasks.program()):
            return True
        if isinstance(there, tasks.Program):
            what = f"has {there}, this is {here}: install one version everywhere"
        elif there is None:
            what = f"has not said within {ASK_WITHIN_S:.0f} s which dateline it has"
        elif "ModuleNotFoundError" in repr(there):  # Dask wraps what it cannot send
            what = f"has no dateline, or not all that it needs: install {here} in its environment ({there})"
        else:
            what = f"cannot say which dateline it has: {there!r}"
        logger.warning("worker %s is left out: it %s", address, what)
        return False


def _within(seconds: float, work: Callable[[], None]) -> None:
    """Do something that may wait for ever, and leave it to itself after a time."""
    working = threading.Thread(target=work, daemon=True)
    working.start()
    working.join(seconds)


def _answer(work: Work, future: Future[Any]) -> Answer:
    if future.status == "finished":
        told = future.result()
        return Answer(work=work, told=told, why="" if told else "its process ended, or was silent for too long")
    if future.status == "error":
        return Answer(work=work, told=None, why=f"{future.exception()!r}")
    return Answer(work=work, told=None, why=f"its task is {future.status}")


def _connect(address: str, scratch: str) -> Client:
    """A client of a scheduler, or of one within this process whose worker has a folder for what Dask leaves there."""
    _hush()
    if address == LOCAL:  # its tasks are processes, so that Dask's own workers need not be
        with dask.config.set({"temporary-directory": scratch}):
            cluster = LocalCluster(
                n_workers=1, threads_per_worker=cores(), processes=False, dashboard_address=None, memory_limit=0
            )
        return Client(cluster)
    try:
        return Client(address, timeout=CONNECT_WITHIN_S)
    except (OSError, TimeoutError, ValueError) as error:
        raise ConfigError(
            f"--cluster {address}: no Dask scheduler answers there ({error}); start one with: dask scheduler, and"
            " workers with: dask worker ADDRESS; or use --cluster local"
        ) from None


def _hush() -> None:
    """Let Dask say what goes wrong alone, and by our own log."""
    for name in ("distributed", "distributed.client", "tornado.application", "bokeh"):
        log = logging.getLogger(name)
        log.handlers.clear()
        log.propagate = True
        log.setLevel(logging.ERROR)
