"""A recording of the page whose connection is lost while the visitor speaks."""

from __future__ import annotations

import pytest
from playwright.async_api import WebSocket, expect

from tests import doubles
from voicechat import dialogue as d
from voicechat.audio import decode
from voicechat.wire import decode as read

from .conftest import Chromium
from .house import house
from .proxy import proxied
from .widget import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_is_said_while_the_line_is_cut_arrives_whole_and_not_all_of_it_twice(
    chromium: Chromium,
) -> None:
    ears, kept = doubles.Ears(), list[d.Json]()

    def note(frame: bytes | str) -> None:
        message, _ = read(frame if isinstance(frame, bytes) else frame.encode())
        if isinstance(message, d.Welcome):
            kept.extend(message.content["recordings"])

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", note)

    async with house(ears=ears) as server, proxied(server.url) as proxy:
        widget = await chromium.widget(f"{proxy.url}/?mode=v2")
        widget.page.on("websocket", listen)
        await widget.open()
        await widget.begin_recording()
        proxy.cut()

        async def is_back() -> bool:
            return bool(kept)

        await eventually(is_back)
        await widget.recorded(3)
        await widget.button("Send the recording").click()
        await expect(widget.answers.last).to_contain_text("See you then!")
    assert [one["turn"] for one in kept] == [1] and kept[0]["bytes"] > 0
    [recording] = ears.recordings
    assert len(decode(recording, rate=16_000, max_seconds=60)) >= 2.5 * 32_000
