"""A lease: the right of one holder to crawl a site for a time."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

LEASE_OWNER = "lease:"  # how the owner of a lease's lines and pages begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """As it was taken or renewed (crawler.state.leases)."""

    site: str  # or any other name of what is crawled as one
    holder: str  # as it calls itself
    token: int  # from 1, greater with every taking of the site, by whomever
    until: dt.datetime  # UTC, by the server's clock; it runs out then

    def as_text(self) -> str:
        """The lease in a line, for settings and other processes."""
        return json.dumps([self.site, self.holder, self.token, self.until.isoformat()])

    @classmethod
    def from_text(cls, text: str) -> Lease:
        """The lease of a line."""
        site, holder, token, until = json.loads(text)
        return cls(site=site, holder=holder, token=token, until=dt.datetime.fromisoformat(until))


def owner_of(site: str) -> str:
    """Whose the lines and the waiting pages of a site are that is crawled under a lease, whoever holds it."""
    return f"{LEASE_OWNER}{site}"


def lost(place: str, lease: Lease, newest: Lease | None) -> str:
    """What is said of a lease that is its site's newest no more."""
    who = f"{newest.holder} has taken it (token {newest.token})" if newest else "it is not known any more"
    return f"{place}: the lease of {lease.site} (token {lease.token}) is lost by {lease.holder}: {who}"
