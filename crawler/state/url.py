"""Where a state is: in a data folder, or on a PostgreSQL server by its URL."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from crawler.errors import ConfigError

EXAMPLE = "postgresql://USER@HOST/DATABASE"
# to the last @, whatever a password has in it that should have been encoded
_PASSWORDS = re.compile(r"(?<=://)([^:@/\s]*):\S*@|(?<=[?&])((?:ssl)?password)=[^&\s]*")


@dataclass(frozen=True, slots=True, repr=False)
class Url:
    """The URL of a PostgreSQL database (libpq, "Connection URIs"); as text it is without the password.

    >>> str(Url("postgresql://news:s3cret@db.example.org/news"))
    'postgresql://news@db.example.org/news'
    """

    secret: str  # as it was given

    @classmethod
    def parse(cls, text: str) -> Url:
        """A URL that can be connected to. ConfigError, which never repeats the text, for others and without psycopg."""
        if not text.startswith(("postgresql://", "postgres://")):
            raise ConfigError(f"not the URL of a PostgreSQL database such as {EXAMPLE}")
        if importlib.util.find_spec("psycopg") is None:
            raise ConfigError(
                "PostgreSQL is spoken to by psycopg, which is not installed: pip install 'dateline[postgres]'"
            )
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict

        try:
            port = str(conninfo_to_dict(text).get("port", ""))
            is_read = re.fullmatch(r"[\d,]*", port) is not None  # else it is what follows a slash in the password
        except ProgrammingError:  # its message may hold parts of the password
            is_read = False
        if not is_read:
            raise ConfigError(f"libpq cannot read this URL; write it as {EXAMPLE}, with %40 for @ and %2F for /")
        return cls(text)

    def __str__(self) -> str:
        return without_passwords(self.secret)

    __repr__ = __str__


Place = Path | Url  # a data folder with its SQLite file, or a database on a server


def place_options(folder: str, place: Place) -> tuple[str, ...]:
    """The options that name a data folder and its state to a command, without a password.

    >>> place_options("data", Url("postgresql://news:s3cret@db/news"))
    ('--data', 'data', '--state', 'postgresql://news@db/news')
    """
    return ("--data", folder, "--state", str(place)) if isinstance(place, Url) else ("--data", folder)


def without_passwords(text: str) -> str:
    """A text in which URLs are without their passwords.

    >>> without_passwords("crawl --state postgresql://a:b@c/d?password=e&host=f --all")
    'crawl --state postgresql://a@c/d?password=…&host=f --all'
    """
    return _PASSWORDS.sub(lambda found: f"{found[2]}=…" if found[2] else f"{found[1]}@", text)
