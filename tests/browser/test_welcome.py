"""The greeting is spoken to who opens the chat by a click, where the site wants it."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests import doubles

from .conftest import Chromium
from .house import house
from .widget import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

GREETING = "Hello! What would you like to know?"

UNTOUCHED = """
  const none = { isActive: false, hasBeenActive: false };
  Object.defineProperty(navigator, 'userActivation', { get: () => none });
"""


def page(url: str, attributes: str) -> str:
    tag = f"<script async src={url}/chat.js {attributes}></script>"
    return f"<!doctype html><html lang=en><title>Shop</title>{tag}"


async def test_the_greeting_is_spoken_once_and_stopped_by_a_question(chromium: Chromium) -> None:
    voice = doubles.Voice(ms_per_char=200)
    async with (
        house(voice=voice) as server,
        chromium.site(page(server.url, "data-welcome=spoken")) as url,
    ):
        widget = await chromium.widget(url)
        await widget.open()
        await eventually(lambda: widget.element("playhead"))
        assert "".join(voice.texts).replace(" ", "") == GREETING.replace(" ", "")
        await widget.picture("welcome-spoken")
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("See you then!")
        answer = widget.panel.locator(".assistant").last
        await eventually(lambda: widget.element("playhead"))
        await widget.button("Stop the answer").click()
        await widget.silent()
        await expect(answer).to_be_visible()
        said = list(voice.texts)
        await widget.page.reload()
        await widget.open()
        await expect(widget.questions).to_have_count(1)
        await widget.button("Listen").click()
        await eventually(lambda: widget.element("playhead"))
        assert GREETING.split()[0] not in "".join(voice.texts[len(said) :])
        assert widget.console == []


async def test_the_greeting_can_be_stopped_with_the_button(chromium: Chromium) -> None:
    async with (
        house(voice=doubles.Voice(ms_per_char=200), welcome="Ahoy, sailor!") as server,
        chromium.site(page(server.url, "data-welcome=spoken")) as url,
    ):
        widget = await chromium.widget(url)
        await widget.open()
        await eventually(lambda: widget.element("playhead"))
        await widget.button("Stop the answer").click()
        await widget.silent()
        await expect(widget.button("Send")).to_be_visible()
        # Closed and opened again, it has greeted already.
        await widget.page.keyboard.press("Escape")
        await widget.launcher.click()
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("See you then!")
        await expect(widget.panel.locator(".unheard")).to_have_count(0)


@pytest.mark.parametrize("attributes", ["", "data-welcome=spoken data-open"])
async def test_no_greeting_is_spoken_unasked(chromium: Chromium, attributes: str) -> None:
    voice = doubles.Voice()
    async with house(voice=voice) as server, chromium.site(page(server.url, attributes)) as url:
        widget = await chromium.widget(url, before=UNTOUCHED if "open" in attributes else "")
        if "open" in attributes:
            await expect(widget.status).to_have_text("Connected")
        else:
            await widget.open()
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("See you then!")
        await eventually(lambda: _spoken(voice))
        assert "Hello" not in "".join(voice.texts)


async def _spoken(voice: doubles.Voice) -> bool:
    return "then!" in "".join(voice.texts)
