"""What is known between runs, as one thing: how addresses ended, articles, lines on their way, sites."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from crawler.parts.part_files import PartFiles
from crawler.parts.shelf import shelf_at
from crawler.policy import Policy
from crawler.state.addresses import Addresses
from crawler.state.archives import Archives
from crawler.state.articles import Articles
from crawler.state.errors import LeaseLostError, OvertakenError
from crawler.state.files import DayFiles, Files
from crawler.state.history import History
from crawler.state.lease import Lease
from crawler.state.lines import Lines
from crawler.state.opening import opened
from crawler.state.site_files import SiteFiles
from crawler.state.sites import Sites
from crawler.state.sources import Sources
from crawler.state.url import Place, Url
from crawler.verdict import Ended, Known, has_no_say, look_again, unix_time


class State:
    """The state of one data folder, locked for this process until closed; in it, or, with a URL, shared with others.

    Under a lease, with which goes a URL, the folder is not locked, and nothing is written once another holder has taken
    the lease: LeaseLostError then. What a former holder has left unfinished is finished here. Lines go into the lease's
    own parts (crawler.parts), in the folder or in ``parts``, a folder or URL; they wait for others to go with.

    ``recovered`` counts the lines, by file, that an earlier run had committed and that opening has written.

    What is written survives a kill at any moment: a line is committed here first, then appended to its file, then
    struck off; opening repairs what a killed run left between these steps.

    Raises LockedError when another process holds the folder, DiskError when the folder cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        policy: Policy | None = None,
        today: dt.date | None = None,
        *,
        url: Url | None = None,
        lease: Lease | None = None,
        parts: str | None = None,
    ) -> None:
        self.folder = folder.resolve()
        files: Files = DayFiles(self.folder)
        if lease:
            files = PartFiles(shelf_at(parts or self.folder), lease.site, lease.token, self.folder)
        self.collection = files.collection  # where parts go; None where lines go into the files of days
        self.place: Place = url or self.folder
        self._db = opened(self.folder, url, lease)
        self.sites = Sites(self._db)
        self.sources = Sources(self._db)
        self.site_files = SiteFiles(self._db)
        self.history = History(self._db)
        self.archives = Archives(self._db)
        self._policy = policy or Policy()
        self._addresses = Addresses(self._db, self._policy, today or dt.datetime.now(dt.UTC).date())
        self._articles = Articles(self._db)
        self._lines = Lines(self._db, files)
        try:
            self.recovered = self._lines.repair()
        except BaseException:  # whatever it was, an interrupt too: the lock must not outlive it
            self.close()
            raise

    def is_seen(self, url: str) -> bool:
        """Whether an earlier look at this address, in this run or before it, was its last word, or its page waits."""
        return self._addresses.is_seen(url) or self.sites.waits(url)

    def is_stale(self, url: str, modified: int) -> bool:
        """Whether the article written from an address was modified (Unix time) after it was last looked at."""
        article = self._addresses.article_at(url)
        looked = self._articles.looked_at(article) if article else None
        return looked is not None and modified > looked

    def due(self, now: int, sites: Collection[str] | None = None) -> list[str]:
        """The addresses of the written articles, of all sites or these, to be looked at again by now (Unix time)."""
        return self._articles.due(now, sites)

    def article_at(self, url: str) -> Known | None:
        """The article that was written from this address, in its newest version."""
        article = self._addresses.article_at(url)
        return self._articles.get(article) if article else None

    def titled(self, title_hash: str, url: str) -> list[Known]:
        """The articles with this title of the site that an address belongs to, in their newest versions."""
        return self._articles.titled(title_hash, url)

    def move(self, article: Known) -> None:
        """An article that was looked at has another address now; on the disk with the next article."""
        with self._db.together():
            self._articles.move(article.id, article.address, article.url or "")
        self._db.noted()

    def article(self, article_id: str) -> Known | None:
        """The newest written version of this article."""
        return self._articles.get(article_id)

    def end(self, ended: Ended) -> None:
        """Note how an address ended; on disk with the next article, or at the latest with ``flush``.

        Of an address that an article was written from, only when it is to be looked at again: a site that is down, or
        has taken the article away, takes nothing away from what is known. A site that could not be asked has not been
        looked at.
        """
        known = self.article_at(ended.url)
        with self._db.together():
            if known is None:
                self._note(ended)
            else:
                at = unix_time(ended.at)
                if ended.learned is None or at > (known.looked or 0):  # an old capture is no new look
                    looked = known.looked if has_no_say(ended) else at
                    self._articles.looked(known.id, looked, look_again(known.born, ended, self._policy))
                self.sites.end_waiting(ended.url)
        self._db.noted()

    def save(self, article: Known, ended: Ended, line: bytes, path: Path) -> None:
        """Write one version of an article: state first, line second; both are on the disk when this returns.

        Under a lease the line may wait for others, safe in the state. Any error but DiskError leaves no trace of the
        article: OvertakenError where another process has written this version, or a later one, meanwhile.
        """
        with self._db.durably():
            self._note(ended)
            if not self._articles.note(article):
                raise OvertakenError(article.id)
            self._lines.add(path, line)
        self._lines.deliver(path, line)

    def files(self) -> list[Path]:
        """The files that lines were written to."""
        return list(self._lines.committed())

    def flush(self) -> None:
        """Put every outcome noted so far on the disk, and bring lines into their parts that have waited long enough."""
        self._db.flush()
        self._lines.deliver_due()

    def close(self) -> None:
        """Put everything on the disk and let the folder go; what the disk refuses stays for the next run's repair.

        So does what is left when another has taken the lease: it is the other's to finish.
        """
        try:
            with suppress(LeaseLostError):
                if not self._db.is_broken:
                    self._lines.close()
        finally:
            self._db.close()

    def _note(self, ended: Ended) -> None:
        self._addresses.note(ended)
        self.sites.end_waiting(ended.url)
