"""What is known between runs, in one database: schema, a room a table, and ``State``, which ties them together."""

from crawler.state.database import key_of
from crawler.state.errors import DiskError, LeaseLostError, LockedError, OvertakenError
from crawler.state.history import kept_history
from crawler.state.lease import Lease
from crawler.state.schema import MIGRATIONS
from crawler.state.sites import kept_memories
from crawler.state.sources import kept_polled
from crawler.state.store import State
from crawler.state.url import Place, Url

__all__ = [
    "MIGRATIONS",
    "DiskError",
    "Lease",
    "LeaseLostError",
    "LockedError",
    "OvertakenError",
    "Place",
    "State",
    "Url",
    "kept_history",
    "kept_memories",
    "kept_polled",
    "key_of",
]
