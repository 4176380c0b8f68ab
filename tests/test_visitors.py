"""The one walk over all sockets."""

from __future__ import annotations

import asyncio

from voicechat.api import Visitors
from voicechat.config import Limits


class Visitor:
    """Counts its pings, or fails at each."""

    connected_at = heard_at = spoke_at = 0.0
    is_introduced = True
    place = None

    def __init__(self, fails: bool) -> None:
        self._fails = fails
        self.pings = 0
        self.was_pinged_twice = asyncio.Event()

    def ping(self) -> None:
        self.pings += 1
        if self.pings == 2:
            self.was_pinged_twice.set()
        if self._fails:
            raise OSError("no such socket")

    def part(self, code: int, reason: str) -> asyncio.Task[object]:
        raise AssertionError((code, reason))


async def test_one_visitor_that_fails_leaves_the_others_their_heartbeat() -> None:
    visitors = Visitors(Limits(heartbeat_seconds=0.001), asyncio.get_running_loop().time)
    everyone = [Visitor(fails) for fails in (True, False, True)]
    for visitor in everyone:
        visitor.connected_at = visitor.heard_at = visitor.spoke_at = visitors.clock() + 60
        visitors.enter(visitor)
    walk = asyncio.create_task(visitors.look_after())
    async with asyncio.timeout(5):
        await asyncio.gather(*(visitor.was_pinged_twice.wait() for visitor in everyone))
    walk.cancel()
    await asyncio.wait([walk])
    assert walk.cancelled()
