"""Which microphone listens, and what is said where it hears nothing."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, expect

from tests import doubles
from voicechat.audio import wav

from .conftest import Chromium
from .house import both_modes, house
from .widget import Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOTHING = wav(bytes(2 * 48_000 * 8), 48_000)
"""Eight seconds of a microphone that is switched off."""


def choice(widget: Widget) -> Locator:
    return widget.panel.get_by_role("combobox", name="Microphone")


async def listening(widget: Widget) -> str:
    """Return the name of the device that records."""
    names: str = await widget.of_tracks(
        "tracks.filter(track => track.readyState === 'live').map(track => track.label).join()"
    )
    return names


async def stored(widget: Widget) -> list[str]:
    """Return the names of what is in the tab's storage."""
    names: list[str] = await widget.page.evaluate("Object.keys(sessionStorage)")
    return names


@both_modes
async def test_a_visitor_with_several_microphones_can_choose(chromium: Chromium, mode: str) -> None:
    ears = doubles.Ears("through the other one")
    async with house(ears=ears) as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}")
        await widget.open()
        assert await choice(widget).count() == 0
        await widget.begin_recording(2)
        assert await listening(widget) == "Fake Default Audio Input"
        await choice(widget).focus()
        await choice(widget).select_option(label="Fake Audio Input 2")
        # What the wrong one has heard is thrown away: it begins anew.
        await expect(widget.timer).to_have_text(re.compile("0:0[01]"))
        await expect(choice(widget)).to_be_focused()
        await widget.picture(f"{mode}-microphone-chosen")
        await widget.recorded(1)
        assert await listening(widget) == "Fake Audio Input 2"
        await widget.button("Send the recording").click()
        await expect(widget.questions).to_have_text(["You: through the other one"])
        assert len(ears.recordings) == 1
        assert set(await widget.microphones()) == {"ended"}


async def test_the_choice_is_kept_in_the_tab_from_the_first_spoken_question_on(chromium: Chromium) -> None:
    async with house() as server:
        # The shell names its microphones anew at each load.
        widget = await chromium.widget(server.url, whole=True)
        await widget.open()
        await widget.begin_recording()
        await choice(widget).focus()
        await widget.page.keyboard.press("ArrowDown")
        await expect(widget.timer).to_have_text(re.compile("0:0[01]"))
        await widget.recorded(1)
        assert await listening(widget) == "Fake Audio Input 1"
        await widget.page.keyboard.press("Escape")
        assert await stored(widget) == []
        await widget.say(1)
        await expect(widget.answers.last).to_contain_text("See you then!")
        assert "voicechat microphone" in await stored(widget)
        await widget.page.reload()
        await widget.open()
        await widget.begin_recording()
        assert await listening(widget) == "Fake Audio Input 1"


async def test_a_chosen_microphone_that_is_gone_is_replaced_with_a_word(chromium: Chromium) -> None:
    async with house() as server:
        gone = "sessionStorage.setItem('voicechat microphone', 'unplugged')"
        widget = await chromium.widget(server.url, before=gone)
        await widget.open()
        await widget.begin_recording()
        await expect(widget.recording_words).to_contain_text("Another one listens now")
        assert await listening(widget) == "Fake Default Audio Input"
        await widget.page.keyboard.press("Escape")
        await widget.begin_recording()
        await expect(widget.recording_words).to_be_empty()


async def test_a_microphone_that_hears_nothing_is_called_into_question(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url, sound=NOTHING)
        await widget.open()
        await widget.begin_recording(1)
        await expect(widget.recording_words).to_be_empty()
        await expect(widget.recording_words).to_have_text("I can’t hear you: is this the right microphone?")
        await widget.picture("microphone-hears-nothing")


async def test_one_that_was_heard_and_falls_dead_silent_is_called_into_question(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url, "saturday.flac")
        await widget.open()
        await widget.begin_recording(4)
        await expect(widget.recording_words).to_be_empty()
        await expect(widget.recording_words).to_contain_text("I can’t hear you")


async def test_one_that_hears_something_now_and_then_is_not(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.begin_recording(5)
        await expect(widget.recording_words).to_be_empty()


async def test_with_less_motion_the_bars_show_the_voice_in_steps(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url, "saturday.flac", reduced_motion="reduce")
        await widget.open()
        await widget.begin_recording()
        bars = widget.panel.locator(".meter i")

        async def drawn() -> list[float]:
            levels = await bars.evaluate_all("it => it.map(bar => +bar.style.getPropertyValue('--level'))")
            return [level for level in levels if level]

        async def is_moving() -> bool:
            return max(await drawn(), default=0) > 0.3

        await eventually(is_moving)
        await widget.recorded(3)
        # Twice a second, where else there would be some forty.
        assert 3 <= len(await drawn()) <= 8
