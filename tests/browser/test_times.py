"""When messages were written, and the tone of what nobody saw."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests import doubles

from .conftest import Chromium
from .house import LONG, both_modes, house
from .layouts import another_site, shop
from .widget import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASS = "minutes => { const now = Date.now; Date.now = () => now() + minutes * 60_000; }"
"""Let the page's clock run ahead."""


@both_modes
async def test_the_time_stands_above_what_follows_a_pause(chromium: Chromium, mode: str) -> None:
    async with (
        house() as server,
        shop(chromium, server, f"data-mode={mode}", locale="en-GB", timezone_id="Europe/Berlin") as widget,
    ):
        await widget.open()
        times = widget.panel.locator("time:not(:empty)")
        for minutes, count in ((0, 1), (2, 1), (10, 2)):
            await widget.page.evaluate(PASS, minutes)
            await widget.ask("When?")
            await expect(widget.button("Copy all")).to_have_count((0, 2, 10).index(minutes) + 1)
            await expect(times).to_have_count(count)
        at = await widget.page.evaluate(
            "[...document.querySelector('voice-chat').shadowRoot.querySelectorAll('time:not(:empty)')]"
            ".map((one) => [one.textContent,"
            " new Date(one.dateTime).toLocaleTimeString('en-GB', { timeStyle: 'short' })])"
        )
        assert [text == time for text, time in at] == [True, True]
        await widget.picture(f"times-{mode}")


async def test_what_is_older_than_today_has_its_day(chromium: Chromium) -> None:
    async with house() as server, shop(chromium, server, locale="de-DE") as widget:
        await widget.open()
        await widget.ask("Wann?")
        await expect(widget.panel.locator("time:not(:empty)")).to_have_text(
            await widget.page.evaluate("new Date().toLocaleTimeString('en', { timeStyle: 'short' })")
        )
        await expect(widget.button("Copy all")).to_be_visible()
        day = "new Date().toLocaleDateString('en', { dateStyle: 'medium' })"
        today = await widget.page.evaluate(day)
        await widget.page.clock.set_fixed_time(
            await widget.page.evaluate("new Date(Date.now() + 86_400_000).toISOString()")
        )
        await widget.ask("Und morgen?")
        await expect(widget.panel.locator("time:not(:empty)").first).to_contain_text(today)
        await widget.picture("times-yesterday")


TONES = """
  window.tones = 0;
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function (...when) {
    window.tones += 1;
    start.apply(this, when);
  };
"""


@pytest.mark.parametrize(("attributes", "tones"), [("data-sounds", 1), ("", 0)])
async def test_an_answer_that_nobody_saw_sounds_softly_where_the_site_wants_it(
    chromium: Chromium, attributes: str, tones: int
) -> None:
    gate = asyncio.Semaphore(0)
    async with (
        house(doubles.Brain("From nine.", gate=gate)) as server,
        another_site(chromium, server, attributes, script=TONES) as widget,
    ):
        await widget.open()
        await widget.ask("When?")
        await expect(widget.questions).to_have_count(1)
        await widget.button("Close the chat").click()
        loud = "(async () => { let most = 0; const chat = document.querySelector('voice-chat');"
        loud += " for (let i = 0; i < 40; i += 1) { most = Math.max(most, chat.level);"
        loud += " await new Promise((then) => setTimeout(then, 25)); } return most; })()"
        gate.release()
        await expect(widget.launcher).to_have_accessible_name("Chat with us – New answers: 1")
        loudest = await widget.page.evaluate(loud)
        assert await widget.page.evaluate("tones") == tones
        # Soft: a voice reaches ten times as much.
        assert (0.01 < loudest < 0.12) if tones else loudest == 0


async def test_what_is_seen_and_heard_does_not_sound_besides(chromium: Chromium) -> None:
    voice = doubles.Voice(ms_per_char=60)
    async with (
        house(LONG, voice=voice) as server,
        another_site(chromium, server, "data-sounds", script=TONES) as widget,
    ):
        await widget.open()
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        await widget.silent()
        await expect(widget.button("Copy all")).to_be_visible()
        assert await widget.page.evaluate("tones") == 0
