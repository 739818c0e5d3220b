"""Functions that are timed while a profile is made: the CPU that each takes, without what it calls of the others."""

from __future__ import annotations

import functools
import inspect
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import ExitStack, aclosing, closing, contextmanager
from types import FunctionType, ModuleType
from typing import Any


class Clock:
    """CPU milliseconds of one thread by the name of what it was at; what nests is counted once, for the innermost."""

    def __init__(self) -> None:
        self.spent_ms: defaultdict[str, float] = defaultdict(float)
        self._names: list[str] = []
        self._since = 0.0

    @contextmanager
    def at(self, name: str) -> Iterator[None]:
        """What the block takes is this one's."""
        self._turn()
        self._names.append(name)
        try:
            yield
        finally:
            self._turn()
            self._names.pop()

    def _turn(self) -> None:
        now = time.thread_time()
        if self._names:
            self.spent_ms[self._names[-1]] += 1000 * (now - self._since)
        self._since = now

    def timed(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """The function, or the like of one (a coroutine, a generator), with its time counted while it runs."""
        kinds = (
            (inspect.iscoroutinefunction, _coroutine),
            (inspect.isasyncgenfunction, _asynchronous_generator),
            (inspect.isgeneratorfunction, _generator),
        )
        wrapper = next((wrapper for is_kind, wrapper in kinds if is_kind(function)), _plain)
        return wrapper(self, name, function)

    @contextmanager
    def watching(self, *rooms: type | ModuleType, name: str = "", only: frozenset[str] | None = None) -> Iterator[None]:
        """Time the functions of a class, or those that a module has from other modules of ours, in the block.

        Each counts for ``name``, or for its own. With ``only``, those of these names.
        """
        with ExitStack() as undo:
            for room in rooms:
                for own, function in list(vars(room).items()):
                    if (own in only if only else not own.startswith("_")) and _is_watched(function, room, rooms):
                        setattr(room, own, self.timed(function, name or function.__name__))
                        undo.callback(setattr, room, own, function)
            yield


def _plain(clock: Clock, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def timed(*arguments: Any, **named: Any) -> Any:
        with clock.at(name):
            return function(*arguments, **named)

    return timed


def _generator(clock: Clock, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def timed(*arguments: Any, **named: Any) -> Iterator[Any]:
        with closing(function(*arguments, **named)) as items:
            while True:
                with clock.at(name):
                    try:
                        item = next(items)
                    except StopIteration:
                        return
                yield item

    return timed


def _coroutine(clock: Clock, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def timed(*arguments: Any, **named: Any) -> Any:
        return await _Stepwise(clock, name, function(*arguments, **named))

    return timed


def _asynchronous_generator(clock: Clock, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def timed(*arguments: Any, **named: Any) -> AsyncIterator[Any]:
        async with aclosing(function(*arguments, **named)) as items:
            while True:
                try:
                    item = await _Stepwise(clock, name, anext(items))
                except StopAsyncIteration:
                    return
                yield item

    return timed


class _Stepwise:
    """Awaits another one, and counts the time between its waits, not that of the waits."""

    def __init__(self, clock: Clock, name: str, awaited: Awaitable[Any]) -> None:
        self._clock, self._name, self._awaited = clock, name, awaited

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self._awaited.__await__()
        resume: Callable[[], Any] = functools.partial(next, steps)  # how it goes on
        while True:
            with self._clock.at(self._name):
                try:
                    wanted = resume()
                except StopIteration as end:
                    return end.value
            try:
                sent = yield wanted
            except BaseException as error:  # noqa: BLE001  a cancellation, too, is the awaited one's to answer
                resume = functools.partial(steps.throw, error)
            else:
                resume = functools.partial(next, steps) if sent is None else functools.partial(steps.send, sent)


def _is_watched(value: object, room: type | ModuleType, rooms: tuple[type | ModuleType, ...]) -> bool:
    if not isinstance(value, FunctionType):
        return False
    if isinstance(room, type):
        return True
    return value.__module__.startswith("crawler.") and value.__module__ not in {other.__name__ for other in rooms}


@contextmanager
def timed_extraction(clock: Clock) -> Iterator[None]:
    """Time the steps of crawler.extraction by name: what its rooms that put steps together have from other rooms."""
    from crawler.extraction import body, extract

    with clock.watching(extract, body):
        yield
