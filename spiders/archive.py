"""The spider of archives: pages of WARC files and saved pages on the way that fetched ones go.

Scrapy takes what ``start()`` yields as fast as it comes, so the spider itself sees to how much is under way.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self

import scrapy
from scrapy.crawler import Crawler

from crawler.addresses import parse_allowed
from crawler.crawled import send
from crawler.distant import DistantError, DistantFile, File, LocalFile
from crawler.extensions import Run
from crawler.identity import address_digest, host_of
from crawler.items import FoundBy, Hint, Page, Reason, Refused
from crawler.run import Reach
from crawler.saved import SavedPage, declared_address, is_saved_page, load_page, members
from crawler.state.archives import ReadTo
from spiders.warc import Capture, Flaw, NotAnArchiveError, Passed, captures

PAGES_A_WORKER = 4  # under way: one is read, the others wait at hand
MOST_BYTES = 24 * 1024 * 1024  # of the pages under way; workers.py bounds what they take when they are read
BATCH = 64  # records without a page after which the reader's thread comes back
KEEP_EVERY = 10  # pages between two notes of how far a file is read
BEGINNING = 256  # bytes by which a file is known again: a WARC file's first record has a number of its own
OTHER_SITE = "on another site"
READ_BEFORE = "read by an earlier run"

Found = Capture | Passed | Flaw


class ArchiveSpider(scrapy.Spider):
    """``dateline archive``: reads what ``DATELINE_ARCHIVES`` names."""

    name = "archive"

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self.names = names
        self._under_way: dict[bytes, asyncio.Task[None]] = {}  # digest of an address → its page
        self._bytes = self._done = 0
        self._passed: Counter[str] = Counter()
        self._reader = ThreadPoolExecutor(1, "archive")  # reads and unpacks while the loop goes on

    @classmethod
    def from_crawler(cls, crawler: Crawler, *_: Any, **__: Any) -> Self:
        """Built by Scrapy; its settings say what is wanted of the archives."""
        spider = cls(crawler.settings.getlist("DATELINE_ARCHIVES"))
        spider._set_crawler(crawler)
        return spider

    @property
    def run(self) -> Run:
        """The account that this run is part of."""
        return Run.of(self.crawler)

    def reach(self) -> Reach:
        """How many of the named archives are read."""
        return Reach(done=self._done, sources=len(self.names), left=0)

    async def start(self) -> AsyncIterator[Any]:
        """Send every page through the pipelines; nothing is yielded, so that what is under way is bounded."""
        settings = self.settings
        self._now = dt.datetime.now(dt.UTC)
        self._sites = frozenset(site.lower() for site in settings.getlist("DATELINE_SITES"))
        self._wanted = wanted_of(settings.copy_to_dict())
        distant: DistantFile | None = None
        allowed = parse_allowed(settings.getlist("DATELINE_ALLOW"))
        name = ""
        try:
            for name in self.names:
                if name.startswith(("http://", "https://")):
                    distant = DistantFile(name, allowed, settings["USER_AGENT"])
                    await self._read_warc(distant)
                    self._done += 1
                    continue
                paths = members(Path(name))
                if not paths:
                    self.run.source_failed(name, "holds no WARC file and no saved page")
                    continue
                for path in paths:
                    if self.run.is_over:
                        break
                    await (self._read_saved(path) if is_saved_page(path) else self._read_warc(LocalFile(path)))
                self._done += not self.run.is_over
            await self._all_ended()
        except Exception as error:  # a bug, or the disk: said by Scrapy; the exit code says it, too
            self.run.source_failed(name, f"{type(error).__name__}: {error}")
            raise
        finally:
            if distant:
                distant.stop()
            self._reader.shutdown(wait=False, cancel_futures=True)
            self.run.passed_over(self._passed)
        for nothing in tuple[Page, ...]():
            yield nothing

    async def _read_warc(self, file: File) -> None:
        """Read a WARC file from where an earlier run has stopped; one that cannot be read is a source that failed."""
        try:
            beginning = await self._in_thread(partial(_beginning, file))
            kept = self.run.state.archives.read_to(file.name, self._wanted)
            start = kept.position if kept and kept.beginning == beginning and not self._is_full else 0
            if start and start == file.size:
                self._passed[READ_BEFORE] += 1
                return
            mark = Mark(start, lambda position: self._keep(file, position, beginning))
            try:
                await self._read_from(file, start, mark)
            except NotAnArchiveError:
                if not start:
                    raise
                await self._read_from(file, 0, Mark(0, mark.keep))  # its records are packed together
        except (DistantError, NotAnArchiveError) as error:
            self.run.source_failed(file.name, str(error))

    async def _read_from(self, file: File, start: int, mark: Mark) -> None:
        found = captures(file.open_at, start, self._now)
        while batch := await self._in_thread(partial(_batch, found)):
            for one in batch:
                if not isinstance(one, Flaw):  # whose position is that of the record before it
                    mark.come_to(one.offset, file.size)
                if self.run.is_over:
                    return
                await self._take(file, one, mark)
            self.run.reading(_place(file, mark.position))
        if file.size:
            mark.finish(file.size)
        self.run.archive_read()

    async def _take(self, file: File, found: Found, mark: Mark) -> None:
        if isinstance(found, Flaw):
            what = f"{file.name} at byte {found.offset:,}"
            self.run.flawed(what, f"{found.url}: {found.why}" if found.url else found.why, file.name)
        elif isinstance(found, Passed):
            self._passed[found.why] += 1
        elif not self._is_of_site(found.page.url):
            self._passed[OTHER_SITE] += 1
        else:
            mark.begin(found.offset)
            await self._send(found.page, file.name, partial(mark.end, found.offset))

    async def _read_saved(self, path: Path) -> None:
        """Read a saved page; its address is the one that it declares, its day that of the file."""
        file = LocalFile(path)
        try:
            beginning = await self._in_thread(partial(_beginning, file))
        except DistantError as error:
            self.run.source_failed(file.name, str(error))
            return
        size = file.size or 0
        if not self._is_full and self.run.state.archives.read_to(file.name, self._wanted) == ReadTo(
            position=size, beginning=beginning
        ):
            self._passed[READ_BEFORE] += 1
            return
        page = await self._in_thread(partial(_saved_page, path, self._now))
        if isinstance(page, Refused):
            self.run.flawed(file.name, page.detail, str(path.parent))
        elif not self._is_of_site(page.url):
            self._passed[OTHER_SITE] += 1
        else:
            await self._send(page, str(path.parent), lambda: self._keep(file, size, beginning))

    async def _send(self, page: Page, source: str, settled: Callable[[], None]) -> None:
        """Send a page on its way when there is room for it, after another capture of its address."""
        key, size = address_digest(page.asked_for), len(page.body)
        most = (self.run.workers.size if self.run.workers else 1) * PAGES_A_WORKER
        while before := self._waited_for(key, size, most):
            await asyncio.wait(before, return_when=asyncio.FIRST_COMPLETED)
        if self.run.is_over or self.crawler.engine is None:
            return
        self.run.captured(page.asked_for, source)
        self._bytes += size
        task = asyncio.ensure_future(send(self.crawler.engine, page))
        self._under_way[key] = task
        task.add_done_callback(partial(self._ended, key, page.asked_for, size, settled))

    def _waited_for(self, key: bytes, size: int, most: int) -> list[asyncio.Task[None]]:
        if key in self._under_way:
            return [self._under_way[key]]
        is_full = len(self._under_way) >= most or (self._bytes and self._bytes + size > MOST_BYTES)
        return list(self._under_way.values()) if is_full else []

    def _ended(self, key: bytes, url: str, size: int, settled: Callable[[], None], _: asyncio.Task[None]) -> None:
        del self._under_way[key]
        self._bytes -= size
        if self.run.is_settled(url) and not self.run.is_over:  # else the next run reads it again
            settled()

    async def _all_ended(self) -> None:
        while self._under_way:
            await asyncio.wait(list(self._under_way.values()))

    def _keep(self, file: File, position: int, beginning: bytes) -> None:
        self.run.state.archives.keep(file.name, self._wanted, ReadTo(position=position, beginning=beginning))

    def _is_of_site(self, url: str) -> bool:
        host = host_of(url)
        return not self._sites or any(host == site or host.endswith(f".{site}") for site in self._sites)

    @property
    def _is_full(self) -> bool:
        return self.settings.getbool("DATELINE_ALL")

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._reader, work)


class Mark:
    """How far a file is read for good: to the first of its pages that has not ended."""

    def __init__(self, position: int, keep: Callable[[int], None]) -> None:
        self.position = position  # of the record that was read last
        self.keep = keep
        self._open: dict[int, int] = {}  # where pages begin that have not ended → how many; the first comes first
        self._size: int | None = None
        self._unkept = 0
        self._is_exact = True  # no positions are told where records are packed together
        self._has_come = False

    def come_to(self, position: int, size: int | None) -> None:
        """A record was read there, in a file of so many bytes."""
        is_first, self._has_come = not self._has_come, True
        is_behind = position > self.position if not is_first else position == self.position
        self._is_exact &= is_behind and (size is None or position < size)
        self.position = position

    def begin(self, offset: int) -> None:
        """The page there is on its way."""
        self._open[offset] = self._open.get(offset, 0) + 1

    def end(self, offset: int) -> None:
        """A page there has ended for good."""
        self._open[offset] -= 1
        if not self._open[offset]:
            del self._open[offset]
        self._unkept += 1
        if self._unkept >= KEEP_EVERY or self._size is not None:
            self._note()

    def finish(self, size: int) -> None:
        """The file was read to its end, at this size in bytes."""
        self._size = size
        self._note()

    def _note(self) -> None:
        self._unkept = 0
        if not self._open and self._size is not None:
            self.keep(self._size)
        elif self._is_exact:
            self.keep(next(iter(self._open), self.position))


def wanted_of(settings: dict[str, Any]) -> str:
    """What a run wants of archives, as one text: a run that wants something else reads them again."""
    names = ("SITES", "LANGUAGES", "SINCE", "UNTIL", "UNDATED", "IGNORE_NOINDEX", "RESPECT_TDM", "OUTPUT")
    told = json.dumps([str(settings.get(f"DATELINE_{name}")) for name in names])
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def _batch(found: Iterator[Found]) -> list[Found]:
    """What is read up to the next page; empty at the end."""
    batch: list[Found] = []
    for one in found:
        batch.append(one)
        if isinstance(one, Capture) or len(batch) >= BATCH:
            break
    return batch


def _beginning(file: File) -> bytes:
    stream = file.open_at(0)
    try:
        return hashlib.blake2b(stream.read(BEGINNING), digest_size=8).digest()
    except OSError as error:
        raise DistantError(error.strerror or str(error)) from error
    finally:
        stream.close()


def _saved_page(path: Path, now: dt.datetime) -> Page | Refused:
    try:
        saved_at = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    except OSError as error:
        return Refused(reason=Reason.UNREADABLE, detail=error.strerror or str(error))
    page = load_page(SavedPage(path=path, url=path.absolute().as_uri(), fetched_at=min(saved_at, now)))
    if isinstance(page, Refused):
        return page
    url = declared_address(page.body)
    if url is None:
        return Refused(reason=Reason.UNREADABLE, detail="declares no address of its own (dateline extract reads it)")
    return replace(page, url=url, status=None, hint=Hint(url=url, found_by=FoundBy.ARCHIVE))


def _place(file: File, position: int) -> str:
    name = file.name.rpartition("/")[2]
    return f"{name} {min(position / file.size, 1):.0%}" if file.size else f"{name} {position / 1e6:,.0f} MB"
