"""Room for the bodies that a crawl holds at a time."""

from __future__ import annotations

import asyncio

from scrapy.http import Response

from crawler.room import SMALL, Room

SIZE = 10 * SMALL


class Connection:
    def __init__(self) -> None:
        self.is_paused = False

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False


def test_when_it_is_full_only_the_oldest_large_body_goes_on() -> None:
    room, (small, first, second) = Room(SIZE), (Connection() for _ in range(3))
    room.came(small, SMALL)
    room.came(first, 6 * SMALL)
    room.came(second, 3 * SMALL)
    assert not (small.is_paused)
    assert not (first.is_paused)
    assert not (second.is_paused)
    room.came(second, 1)
    room.came(first, 3 * SMALL)
    assert (small.is_paused, first.is_paused, second.is_paused) == (False, False, True)


def test_who_was_paused_goes_on_when_another_has_ended() -> None:
    room, (first, second, third) = Room(SIZE), (Connection() for _ in range(3))
    for connection in (first, second, third):
        room.came(connection, 6 * SMALL)
    assert (first.is_paused, second.is_paused, third.is_paused) == (False, True, True)
    room.ended(first)
    assert (second.is_paused, third.is_paused) == (False, True)
    room.ended(second)
    room.ended(third)
    assert (room.taken, third.is_paused) == (0, False)


def test_even_the_oldest_waits_while_bodies_wait_to_be_read() -> None:
    room, connection = Room(SIZE), Connection()
    response = Response("http://a/", body=b"a" * 6 * SMALL)
    room.hold(response)
    room.came(connection, 5 * SMALL)
    assert connection.is_paused
    del response
    assert not connection.is_paused


def test_bodies_are_unpacked_one_at_a_time_and_not_before_others_are_read() -> None:
    async def unpack(room: Room, told: list[str], name: str) -> None:
        async with room.turn(1):
            told.append(f"{name} begins")
            await asyncio.sleep(0)
            told.append(f"{name} ends")

    async def both() -> list[str]:
        room, told = Room(SIZE), list[str]()
        response = Response("http://a/", body=b"a" * 6 * SMALL)
        room.hold(response)
        tasks = [asyncio.ensure_future(unpack(room, told, name)) for name in "ab"]
        await asyncio.sleep(0.2)
        told.append("read")
        del response
        await asyncio.gather(*tasks)
        assert room.taken == 0
        return told

    assert asyncio.run(both()) == ["read", "a begins", "a ends", "b begins", "b ends"]
