"""What a site's owner says of speaking: `data-voice`."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests import doubles

from .conftest import Chromium
from .house import house
from .test_microphone_press import hold

pytestmark = pytest.mark.asyncio(loop_scope="session")


def shop(server: str, voice: str) -> str:
    return (
        f"<!doctype html><title>Shop</title><script async src={server}/chat.js data-voice={voice}></script>"
    )


async def test_where_only_holding_counts_a_short_press_records_nothing(chromium: Chromium) -> None:
    async with house(ears=doubles.Ears("held")) as server:
        async with chromium.site(shop(server.url, "hold")) as url:
            widget = await chromium.widget(url)
            await widget.open()
            await widget.button("Speak your question").click()
            await expect(widget.hint).to_have_text(
                "Hold the microphone while you speak, and release it to send."
            )
            await expect(widget.button("Speak your question")).to_be_visible()
            assert "live" not in await widget.microphones()
            await hold(widget)
            await widget.page.mouse.up()
            await expect(widget.questions).to_have_text(["You: held"])
            await expect(widget.hint).to_be_empty()


async def test_where_only_holding_counts_who_cannot_hold_may_press_all_the_same(chromium: Chromium) -> None:
    async with house(ears=doubles.Ears("pressed")) as server:
        async with chromium.site(shop(server.url, "hold")) as url:
            widget = await chromium.widget(url)
            await widget.open()
            # As a screen reader does it.
            await widget.button("Speak your question").evaluate("button => button.click()")
            await widget.recorded(1)
            await widget.button("Send the recording").click()
            await expect(widget.questions).to_have_text(["You: pressed"])


async def test_a_site_can_do_without_the_microphone_and_change_its_mind(chromium: Chromium) -> None:
    async with house() as server:
        async with chromium.site(shop(server.url, "off")) as url:
            widget = await chromium.widget(url)
            await widget.open()
            await expect(widget.button("Speak your question")).to_be_hidden()
            await widget.page.evaluate("document.querySelector('voice-chat').dataset.voice = 'toggle'")
            await expect(widget.button("Speak your question")).to_be_visible()
            await widget.page.evaluate("document.querySelector('voice-chat').dataset.voice = 'loud'")
            await expect(widget.button("Speak your question")).to_be_visible()
