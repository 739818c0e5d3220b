"""Public suffixes (publicsuffix.org), those of private providers too, by the list that ships with tldextract.

tldextract builds two trees of 10,000 names for the first question, in every process; a look into a set needs none.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

import idna

_LIST = ".tld_set_snapshot"  # never fetched, never written
_DOTS = str.maketrans(dict.fromkeys("\u3002\uff0e\uff61", "."))  # that IDNA takes for one


@lru_cache(maxsize=1024)
def suffix_of(host: str) -> str:
    """What a host ends with that its owner did not register; "" for a name without a suffix.

    >>> [suffix_of(host) for host in ("news.example.co.uk", "one.blogspot.com", "a.b.ck", "a.www.ck", "localhost")]
    ['co.uk', 'blogspot.com', 'b.ck', 'ck', '']
    """
    labels = host.translate(_DOTS).split(".")
    names = [_decoded(label) for label in labels]
    for start in range(len(names)):
        name, above = ".".join(names[start:]), ".".join(names[start + 1 :])
        if f"!{name}" in _rules():
            return ".".join(labels[start + 1 :])
        if name in _rules() or f"*.{above}" in _rules():
            return ".".join(labels[start:])
    return ""


def registered(host: str) -> str:
    """A host's suffix and the label before it; "" where one of them is missing.

    >>> [registered(host) for host in ("news.example.co.uk", "co.uk", "localhost")]
    ['example.co.uk', '', '']
    """
    suffix, labels = suffix_of(host), host.translate(_DOTS).split(".")
    own = len(labels) - suffix.count(".") - 2
    return ".".join(labels[own:]) if suffix and own >= 0 and labels[own] else ""


@cache
def _rules() -> frozenset[str]:
    spec = find_spec("tldextract")
    assert spec is not None  # noqa: S101  a requirement of ours
    assert spec.origin is not None  # noqa: S101  and a package
    lines = Path(spec.origin).with_name(_LIST).read_text("utf-8").splitlines()
    return frozenset(line.split()[0] for line in lines if line.strip() and not line.startswith("//"))


def _decoded(label: str) -> str:
    label = label.lower()
    if label.startswith("xn--"):
        try:
            return idna.decode(label)
        except (UnicodeError, IndexError):
            pass
    return label
