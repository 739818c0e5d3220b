"""Name resolution that hands out no address which may not be connected to, also where a name changes its address."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from scrapy.resolver import dnscache
from twisted.internet._resolver import GAIResolver
from twisted.internet.interfaces import IResolutionReceiver
from zope.interface import implementer

from crawler.addresses import parse_allowed
from crawler.resolver import GuardedResolver


class Reactor:
    """As much of one as a look-up needs; threads are run at once."""

    def __init__(self, answers: list[list[str]]) -> None:
        self.answers = answers
        self.nameResolver = GAIResolver(self, lambda: self, self.lookup)

    def lookup(self, _host: str, port: int, *_: Any) -> list[tuple[Any, ...]]:
        """The next answer of a name server, and its last for ever."""
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        six = [(a, port, 0, 0) if ":" in a else (a, port) for a in addresses]
        return [(socket.AF_INET6 if len(at) == 4 else socket.AF_INET, socket.SOCK_STREAM, 6, "", at) for at in six]

    def callFromThread(self, function: Any, *arguments: Any) -> None:  # noqa: N802
        function(*arguments)

    def callInThreadWithCallback(self, told: Any, function: Any, *arguments: Any) -> None:  # noqa: N802
        told(True, function(*arguments))  # noqa: FBT003 (Twisted's own form)


@implementer(IResolutionReceiver)
class Receiver:
    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.is_complete = False

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        pass

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        self.is_complete = True


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    limit = dnscache.limit
    dnscache.clear()
    yield
    dnscache.clear()
    dnscache.limit = limit


def guarded(answers: list[list[str]], *allowed: str, cache_size: int = 0) -> GuardedResolver:
    return GuardedResolver(Reactor(answers), cache_size, parse_allowed(allowed))  # type: ignore[arg-type]


def resolved(resolver: GuardedResolver, port: int = 80, host: str = "example.org") -> list[str]:
    receiver = Receiver()
    resolver.resolveHostName(receiver, host, port)  # type: ignore[arg-type]
    assert receiver.is_complete
    return receiver.addresses


@pytest.mark.parametrize(
    "private", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1", "fd00:ec2::254", "64:ff9b::a00:1"]
)
def test_a_name_that_turns_private_is_refused_from_then_on(private: str) -> None:
    resolver = guarded([["9.9.9.9"], [private], ["9.9.9.9"]])
    assert resolved(resolver) == ["9.9.9.9"]
    assert resolver.why("http://example.org/") is None
    assert resolved(resolver) == []
    assert "not a public address" in (resolver.why("http://example.org/") or "")
    assert resolved(resolver) == ["9.9.9.9"]
    assert resolver.why("http://example.org/") is None


def test_a_cached_name_is_checked_at_each_use() -> None:
    assert resolved(guarded([["127.0.0.1"]], "127.0.0.1", cache_size=100)) == ["127.0.0.1"]
    assert dnscache["example.org"]
    assert resolved(guarded([["9.9.9.9"]], cache_size=100)) == []


def test_of_several_addresses_the_public_ones_are_given() -> None:
    resolver = guarded([["10.0.0.1", "9.9.9.9", "::1", "2620:fe::fe"]])
    assert resolved(resolver) == ["9.9.9.9", "2620:fe::fe"]
    assert resolver.why("http://example.org/") is None


def test_a_refusal_is_told_by_host_and_port_in_any_spelling() -> None:
    resolver = guarded([["127.0.0.1"]], "example.org:8000")
    assert resolved(resolver, 8000) == ["127.0.0.1"]
    assert resolved(resolver, 80, "Example.org.") == []
    assert resolver.why("http://EXAMPLE.org:8000/") is None
    assert "not a public address" in (resolver.why("http://example.org./") or "")
