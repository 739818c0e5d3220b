"""Who asks: the name that a site sees, with a way to reach whoever runs the crawl."""

from __future__ import annotations

from crawler import __version__


def user_agent(contact: str) -> str:
    """The User-Agent for an operator's contact: a mail address, or a page of theirs; in one line, whatever it is.

    >>> user_agent("news@example.org").partition(" ")[2], user_agent("").partition(" ")[2]
    ('(+news@example.org)', '(news crawler; its operator has left no contact)')
    """
    contact = " ".join(contact.split())
    return f"Dateline/{__version__} ({f'+{contact}' if contact else 'news crawler; its operator has left no contact'})"
