"""The run that every address of a crawl is accounted to: its state, its counts, its end."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.utils.asyncio import AsyncioLoopingCall, create_looping_call
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from crawler.delivery import check_writable, make_folder
from crawler.drift.closer import closer_look
from crawler.drift.kinds import Drift
from crawler.errors import MemoryLimitError
from crawler.exits import Exit
from crawler.extraction.rule import RuleError
from crawler.heap import settled
from crawler.identity import canonical_key
from crawler.items import Extract, Outcome, Page, Reason, Refused
from crawler.memories import Learned, Memories
from crawler.policy import Policy, primary_language, read_recheck, read_since, read_undated
from crawler.record import utc_stamp
from crawler.report import Tally, new_run
from crawler.report_files import write_metrics, write_report_and_page
from crawler.source_account import SourceAccount
from crawler.state import DiskError, Lease, LeaseLostError, State, Url
from crawler.state.url import place_options
from crawler.told import Told
from crawler.verdict import Ended, Known

if TYPE_CHECKING:
    from crawler.profile import Profile
    from crawler.workers import Workers

logger = logging.getLogger(__name__)

FLUSH_EVERY_S = 5.0
RunError = DiskError | RuleError | MemoryLimitError  # what ends a run that is under way
_FINISH_REASONS = {DiskError: "disk", LeaseLostError: "lease", RuleError: "rules", MemoryLimitError: "memory"}
TOLD_FAILURES = 5  # failed extractions named as they happen; all of them are in the report


class Run:
    """One crawl's account; the crawler's ``dateline`` attribute (see crawler.run.RunLog).

    Raises LockedError, DiskError or ConfigError before the first request when the run cannot be.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        now = dt.datetime.now(dt.UTC)
        self.id = new_run(now)
        self.tally = Tally()
        self.policy = policy_of(settings, now.date())
        self.error: RunError | None = None
        self.files: dict[str, int] = {}  # written to → lines; where many write one collection, that
        self._reads_archives = bool(settings.getlist("DATELINE_ARCHIVES"))
        self.place = ""  # what is read just now, where that is no host
        self.crawler = crawler
        self._started = now
        self._output = _path(settings, "DATELINE_OUTPUT") if not settings.get("DATELINE_LEASE") else None
        self._is_closed = False
        self.state = _state(settings, self.policy)
        self.sources = SourceAccount(self.state, self.tally, now, self._closer_look)
        self.memories = Memories(self.state)
        self.profile = _profile() if settings.getbool("DATELINE_PROFILE") else None
        self._check_places()
        self._flushing: AsyncioLoopingCall | LoopingCall | None = None
        self._ending: asyncio.Future[None] | None = None
        self.workers: Workers[Extract] | None = None  # those of the stage that extracts
        self.is_stopping = False  # asked to end before it is done

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run = cls(crawler)
        setattr(crawler, "dateline", run)  # noqa: B010  Scrapy leaves room for it, its type does not
        crawler.signals.connect(run.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(run.spider_closed, signal=signals.spider_closed)
        crawler.signals.connect(run.spider_error, signal=signals.spider_error)
        crawler.signals.connect(run.response_downloaded, signal=signals.response_downloaded)
        return run

    @staticmethod
    def of(crawler: Crawler) -> Run:
        """The run that a crawler belongs to; an error when the extension is switched off."""
        run = getattr(crawler, "dateline", None)
        if not isinstance(run, Run):
            raise TypeError("the pipelines need the extension crawler.extensions.Run")
        return run

    # what spiders tell (crawler.run.RunLog)

    def has_sources(self, names: Mapping[str, str]) -> None:
        """These are the sources of the run: address → name."""
        self.tally.names = dict(names)

    def found(self, url: str, source: str) -> None:
        """A source named this address as a possible article."""
        self.tally.find(url, source)

    def counted(
        self, url: str, outcome: Outcome, detail: str = "", source: str = "", status: int | None = None
    ) -> None:
        """This address ended without a page to extract."""
        if source:
            self.tally.find(url, source)
        now = utc_stamp(dt.datetime.now(dt.UTC))
        self._end(Ended(url=url, outcome=outcome, detail=detail, status=status, at=now))

    def source_failed(self, url: str, why: str) -> None:
        """This source gave nothing."""
        logger.warning("%s: %s", url, why)
        self.tally.fail(url, why)

    def source_asked(self, url: str, moments: Iterable[dt.datetime], every: dt.timedelta | None) -> None:
        """This source was read to its end; its newest articles came out at these moments."""
        self.sources.asked(url, moments, every)

    def source_rests(self, url: str, until: dt.datetime) -> None:
        """This source is not due before that moment; a failing one is named all the same."""
        self.sources.rests(url, until)

    def passed_over(self, numbers: Mapping[str, int]) -> None:
        """So many were named and not fetched, by why."""
        self.tally.passed_over = dict(numbers)

    def refused_at_end(self, error: Exception) -> None:
        """The disk has refused what was to be kept at the end."""
        self.error = self.error or (error if isinstance(error, DiskError) else DiskError(str(error)))

    def host_paused(self, host: str, why: str) -> None:
        """Nothing more is asked of this host."""
        self.tally.paused[host] = why

    # what spiders of archives tell

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be read."""
        return self.error is not None or self._is_closed

    def captured(self, url: str, source: str) -> None:
        """An archive holds a capture of this address."""
        self.tally.find_again(url, source)

    def flawed(self, place: str, why: str, source: str) -> None:
        """This place of an archive cannot be read; it is counted, and the first ones are named as they come."""
        self.tally.find(place, source)
        is_new = self.tally.end(place, Outcome.EXTRACTION_FAILED, reason=Reason.UNREADABLE, detail=why)
        if is_new and self.tally.reasons[Reason.UNREADABLE] <= TOLD_FAILURES:
            logger.warning("%s: %s", place, why)

    def is_settled(self, url: str) -> bool:
        """Whether the last capture of this address has ended, or its page waits in the state."""
        return self.tally.has_ended(url) or self.state.sites.waits(url)

    def reading(self, place: str) -> None:
        """What is read just now, and how far."""
        self.place = place

    def archive_read(self) -> None:
        """An archive was read to its end."""
        self.tally.forget_ended()

    # what pipelines tell

    def learned_at(self) -> int | None:
        """When what the page of an archive says was learned (Unix time); None where that is when it was fetched."""
        return round(self._started.timestamp()) if self._reads_archives else None

    def refused(self, page: Page, refused: Refused) -> None:
        """This page is no article, or not one that the run wants."""
        ended = Ended(
            url=page.asked_for,
            outcome=refused.reason.outcome,
            reason=refused.reason,
            detail=refused.detail,
            day=refused.day,
            at=utc_stamp(page.fetched_at),
            learned=self.learned_at(),
        )
        if refused.reason is Reason.FAILED and self.tally.reasons[Reason.FAILED] < TOLD_FAILURES:
            logger.warning("%s: %s: %s", ended.url, refused.reason, refused.detail)
        self._end(ended, page)

    def ended(self, page: Page, outcome: Outcome, article: str) -> None:
        """This page holds an article of which no line is owed."""
        at, learned = utc_stamp(page.fetched_at), self.learned_at()
        self._end(Ended(url=page.asked_for, outcome=outcome, article=article, at=at, learned=learned), page)
        if outcome is Outcome.UNCHANGED and (known := self.state.article(article)):
            self._keep_validators(page, known.next_look)

    def save(self, page: Page, article: Known, line: bytes, path: Path) -> None:
        """Write an article's line and count its address; DiskError when it may not be on the disk."""
        outcome = Outcome.SAVED if article.version == 1 else Outcome.UPDATED
        ended = Ended(url=page.asked_for, outcome=outcome, article=article.id, at=utc_stamp(page.fetched_at))
        self.state.save(article, ended, line, path)
        self._keep_validators(page, article.next_look)
        written_to = self.state.collection or str(path)
        self.files[written_to] = self.files.get(written_to, 0) + 1
        self._end(ended, page, is_noted=True)

    def wrote(self, page: Page, extract: Extract, source: str, *, is_new: bool) -> None:
        """Count what a written article is like, for its source."""
        self.tally.cut(extract.removed)
        own = self.tally.source(source)
        own.wrote(extract)
        if is_new:
            own.is_new(page, extract, self.sources.asked_before(source))

    def learned(self, page: Page, learned: Learned) -> None:
        """Count what a page said of the memory of its site, for its source."""
        if learned is not Learned.NOTHING:
            own = self.tally.source(self.tally.source_of(page.asked_for))
            own.fitting += learned is Learned.FITS
            own.strange += learned in {Learned.STRANGE, Learned.REBUILT}
            own.rebuilt += learned is Learned.REBUILT
            own.memory = (
                "learning" if learned is Learned.FIRST else "mismatch" if own.strange > own.fitting else "known"
            )

    def _keep_validators(self, page: Page, next_look: int | None) -> None:
        """Where an article is to be looked at again, what its server is asked by then."""
        if next_look is not None and self.learned_at() is None:
            day = dt.date.fromisoformat(utc_stamp(page.fetched_at)[:10])
            self.state.sources.keep_validators(page.asked_for, page.validators, day)

    @property
    def recovered(self) -> dict[str, int]:
        """The lines that earlier runs had committed and this one has written, as ``files``."""
        found, collection = self.state.recovered, self.state.collection
        if collection:
            return {collection: sum(found.values())} if found else {}
        return {str(path): lines for path, lines in found.items()}

    def output_file(self, day: dt.date) -> Path:
        """The file that takes the lines of a day of crawling (UTC)."""
        return self._output or self.state.folder / "articles" / f"{day:%Y-%m-%d}.jsonl"

    def stop_for(self, error: RunError) -> None:
        """End the crawl, as it cannot go on; what is not saved is not seen."""
        if self.error is None:
            self.error = error
            engine = self.crawler.engine
            self._ending = asyncio.ensure_future(engine.close_spider_async(reason=_FINISH_REASONS[type(error)]))

    # its own end

    def spider_opened(self) -> None:
        settled()
        self._flushing = create_looping_call(self._flush)
        self._flushing.start(FLUSH_EVERY_S, now=False)

    def response_downloaded(self, response: Response, request: Request) -> None:
        """Count an answer for the source that it was asked for."""
        if (source := request.meta.get("source")) is not None:
            seconds = request.meta.get("download_latency")
            self.tally.source(source).answered(response.status, seconds, is_page=bool(request.meta.get("is_page")))

    def spider_error(self, failure: Failure) -> None:
        """The spider asks the state what is known, and the disk may refuse the answer."""
        if isinstance(failure.value, DiskError):
            self.stop_for(failure.value)

    def spider_closed(self, reason: str) -> None:
        if self._flushing:
            self._flushing.stop()
        self.close(reason)

    def close(self, reason: str = "stopped") -> None:
        """Account for every address, write the report, let the data folder go. Closing again does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        self.tally.end_open()
        steps = (
            self._keep_sources,
            self.sources.keep_history,
            self.memories.flush,
            partial(self._write_report, reason),
            self._write_metrics,
            self.state.close,
            self._write_profile,
        )
        for step in steps:
            try:
                step()
            except (OSError, DiskError) as error:
                self.refused_at_end(error)

    def _end(self, ended: Ended, page: Page | None = None, *, is_noted: bool = False) -> None:
        """Count the end of an address, and note it together with the address that it was redirected to."""
        if not self.tally.end(ended.url, ended.outcome, reason=ended.reason, detail=ended.detail):
            return
        addresses = [] if is_noted else [ended.url]
        if page is not None and canonical_key(page.url) != canonical_key(ended.url):
            addresses.append(page.url)
        try:
            for url in addresses:
                self.state.end(replace(ended, url=url))
        except DiskError as error:
            self.stop_for(error)

    def _keep_sources(self) -> None:
        """Keep what came of the sources; a run that was broken off says nothing of when they are to be asked again."""
        if self.error is None:
            self.sources.keep_polled()

    def _closer_look(self, url: str, page: str | None, kind: Drift) -> str:
        allow = self.crawler.settings.getlist("DATELINE_ALLOW")
        return closer_look(kind, url, page, place_options(str(self.state.folder), self.state.place), allow)

    def told(self) -> Told:
        """What the run has to tell, once it is closed."""
        return Told(
            tally=self.tally,
            files=self.files,
            recovered=self.recovered,
            last=self.sources.last,
            new_alarms=self.sources.new_alarms,
            ended_alarms=self.sources.ended_alarms,
            news=self.memories.news,
            error=str(self.error or ""),
            code=_code_of(self.error),
        )

    def _flush(self) -> None:
        try:
            self.state.flush()
        except DiskError as error:
            self.stop_for(error)

    def _check_places(self) -> None:
        try:
            make_folder(self.state.folder / "reports")
            if self._output:
                check_writable(self._output)
            elif not self.state.collection:
                make_folder(self.state.folder / "articles")
        except OSError as error:
            self.state.close()
            raise DiskError.of(error) from error

    def _write_metrics(self) -> None:
        if path := _path(self.crawler.settings, "DATELINE_METRICS"):
            write_metrics(path, self.tally, self.sources.last, self._started)

    def _write_report(self, reason: str) -> None:
        if self.crawler.settings.getbool("DATELINE_REPORT", default=True):
            write_report_and_page(
                self.state, self.told().report(self.id, self._started, dt.datetime.now(dt.UTC), reason)
            )

    def _write_profile(self) -> None:
        if self.profile:
            self.profile.write(self.state.folder / "reports" / f"{self.id}.profile.json")


def _state(settings: BaseSettings, policy: Policy) -> State:
    url, lease = settings.get("DATELINE_STATE"), settings.get("DATELINE_LEASE")
    return State(
        _path(settings, "DATELINE_DATA") or Path("data"),
        policy,
        url=Url.parse(url) if url else None,
        lease=Lease.from_text(lease) if lease else None,
        parts=settings.get("DATELINE_OUTPUT") if lease else None,
    )


def _profile() -> Profile:
    from crawler.profile import Profile  # here, as hardly a run asks for it

    return Profile()


def _code_of(error: RunError | None) -> Exit:
    if error is None:
        return Exit.FINE
    codes = {LeaseLostError: Exit.LOCKED, DiskError: Exit.DISK}
    return next((code for kind, code in codes.items() if isinstance(error, kind)), Exit.BROKEN)


def policy_of(settings: BaseSettings, today: dt.date) -> Policy:
    """What the settings ask of an article; ConfigError names the value that cannot be used."""
    since = settings.get("DATELINE_SINCE")
    return Policy(
        since=read_since(str(since), today) if since else None,
        until=read_since(str(until), today) if (until := settings.get("DATELINE_UNTIL")) else None,
        languages=frozenset(map(primary_language, settings.getlist("DATELINE_LANGUAGES"))),
        undated=read_undated(settings.get("DATELINE_UNDATED") or "flag"),
        recheck=read_recheck(settings.get("DATELINE_RECHECK") or "never"),
        obeys_noindex=not settings.getbool("DATELINE_IGNORE_NOINDEX"),
        respects_tdm=settings.getbool("DATELINE_RESPECT_TDM"),
    )


def _path(settings: BaseSettings, name: str) -> Path | None:
    value = settings.get(name)
    return Path(value).absolute() if value else None
