"""A tapped word of an answer is where the voice goes on."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests import doubles

from .conftest import Chromium
from .house import house
from .widget import Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

SPEAK = b"\x1b"

TEXT = (
    "We are open from **nine in the morning** to six. "
    "See [the map](https://shop.example/map) and `the code`, für alle 😀 täglich offen. Until then."
)

WHERE = """
  word => {
    const { shadowRoot } = document.querySelector('voice-chat');
    const prose = [...shadowRoot.querySelectorAll('.assistant .prose')].at(-1);
    const walker = document.createTreeWalker(prose, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const at = walker.currentNode.data.indexOf(word);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + word.length);
      const [{ x, y, width, height }] = range.getClientRects();
      return [x + width / 2, y + height / 2];
    }
  }
"""


async def tap(widget: Widget, word: str, clicks: int = 1) -> None:
    x, y = await widget.page.evaluate(WHERE, word)
    await widget.page.mouse.click(x, y, click_count=clicks)


async def spoken(voice: doubles.Voice, begin: str) -> str:
    """Wait until the voice was given a text that begins so, and return it."""

    async def last() -> str:
        return next((text for text in reversed(voice.texts) if text.startswith(begin)), "")

    return str(await eventually(last))


async def answered(chromium: Chromium, url: str) -> Widget:
    widget = await chromium.widget(url)
    await widget.open()
    await widget.ask("When?")
    await eventually(lambda: widget.element("playhead"))
    await expect(widget.panel.locator(".assistant").last).to_have_attribute("data-status", "complete")
    return widget


async def test_an_old_answer_is_spoken_from_the_tapped_word_on(chromium: Chromium) -> None:
    voice = doubles.Voice(ms_per_char=5)
    async with house(doubles.Brain(TEXT), voice=voice) as server:
        widget = await answered(chromium, server.url)
        await widget.silent()
        await widget.page.reload()
        await widget.open()
        for word in ("morning", "täglich", "from"):
            await tap(widget, word)
            assert "*" not in await spoken(voice, word)
            await eventually(lambda: widget.element("playhead"))
        await widget.silent()
        assert widget.console == []


async def test_a_tap_moves_the_voice_and_cuts_nothing_of_the_answer(chromium: Chromium) -> None:
    voice = doubles.Voice(ms_per_char=60)
    async with house(doubles.Brain(TEXT), voice=voice) as server:
        widget = await answered(chromium, server.url)
        await tap(widget, "offen")
        await spoken(voice, "offen.")
        await eventually(lambda: widget.element("playhead"))
        await tap(widget, "Until")
        await spoken(voice, "Until then.")
        await widget.silent()
        await widget.page.reload()
        await widget.open()
        answer = widget.panel.locator(".assistant").last
        await expect(answer).to_have_attribute("data-status", "complete")
        await expect(answer.locator(".unheard")).to_have_count(0)


async def test_an_answer_that_is_still_being_written_goes_on_there_once_it_is_whole(
    chromium: Chromium,
) -> None:
    gate = asyncio.Semaphore(2)
    voice = doubles.Voice(ms_per_char=100)
    brain = doubles.Brain("From nine to six on every day. ", "And on", " Sunday from eleven.", gate=gate)
    async with house(brain, voice=voice) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        await tap(widget, "every")
        await widget.silent()
        gate.release()
        await spoken(voice, "every day.")
        await eventually(lambda: widget.element("playhead"))
        answer = widget.panel.locator(".assistant").last
        await expect(answer).to_have_attribute("data-status", "complete")
        await expect(answer).to_contain_text("eleven")


@pytest.mark.parametrize(
    "way",
    ["a double click", "a selection", "the click that ends a selection", "a link", "code", "muted", "v1"],
)
async def test_what_a_click_is_for_otherwise_plays_nothing(chromium: Chromium, way: str) -> None:
    async with house(doubles.Brain(TEXT), voice=doubles.Voice(ms_per_char=5)) as server:
        widget = await chromium.widget("about:blank")
        spoken_again: list[bytes] = []
        widget.page.on("websocket", lambda socket: socket.on("framesent", lambda data: note(data)))

        def note(data: bytes | str) -> None:
            if isinstance(data, bytes) and data[:1] == SPEAK:
                spoken_again.append(data)

        await widget.page.goto(f"{server.url}/?mode=v1" if way == "v1" else server.url)
        await widget.open()
        await widget.ask("When?")
        await expect(widget.button("Copy all")).to_be_visible()
        await widget.silent()
        if way != "v1":
            # The part of the widget that sees to clicks is here then.
            await tap(widget, "six")
            await eventually(lambda: widget.element("playhead"))
            await widget.silent()
        before = len(spoken_again)
        mouse = widget.page.mouse
        if way == "a double click":
            await tap(widget, "open", clicks=2)
        elif way.endswith("selection"):
            await mouse.move(*await widget.page.evaluate(WHERE, "open"))
            await mouse.down()
            await mouse.move(*await widget.page.evaluate(WHERE, "morning"), steps=5)
            await mouse.up()
            if way.startswith("the click"):
                await tap(widget, "alle")
        elif way == "a link":
            await widget.panel.locator(".prose a").evaluate(
                "link => link.addEventListener('click', (event) => event.preventDefault())"
            )
            await tap(widget, "the map")
        elif way == "muted":
            await widget.button("Answers by voice").click()
            await tap(widget, "open")
        else:
            await tap(widget, "the code" if way == "code" else "open")
        # Behind whatever the page's own clock was set to by that.
        await widget.page.evaluate("new Promise((done) => setTimeout(done, 400))")
        assert len(spoken_again) == before
        assert await widget.element("playhead") is None
