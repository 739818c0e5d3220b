"""What is known between runs, in one SQLite file: schema, a room a table, and ``State``, which ties them together."""

from crawler.state.database import key_of
from crawler.state.errors import DiskError, LockedError
from crawler.state.history import kept_history
from crawler.state.schema import MIGRATIONS
from crawler.state.sites import kept_memories
from crawler.state.sources import kept_polled
from crawler.state.store import State

__all__ = ["MIGRATIONS", "DiskError", "LockedError", "State", "kept_history", "kept_memories", "kept_polled", "key_of"]
