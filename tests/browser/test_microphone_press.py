"""How the microphone's button is pressed: once and again, or held while one speaks."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import CDPSession, Locator, expect

from tests import doubles

from .conftest import Chromium
from .house import house
from .widget import Widget

pytestmark = pytest.mark.asyncio(loop_scope="session")

HELD = "Release to send. Slide away or press Escape to throw it away."


async def middle(button: Locator) -> tuple[float, float]:
    box = await button.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def hold(widget: Widget) -> tuple[float, float]:
    """Hold the microphone with the mouse until a second was recorded; return where."""
    x, y = await middle(widget.button("Speak your question"))
    await widget.page.mouse.move(x, y)
    await widget.page.mouse.down()
    await widget.recorded(1)
    assert (await widget.microphones())[-1] == "live"
    return x, y


async def test_what_is_recorded_while_the_button_is_held_is_sent_by_letting_go(chromium: Chromium) -> None:
    async with house(ears=doubles.Ears("held")) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await hold(widget)
        await expect(widget.recording_words).to_have_text(HELD)
        await widget.picture("microphone-held")
        await widget.page.mouse.up()
        await expect(widget.questions).to_have_text(["You: held"])
        await expect(widget.field).to_be_focused()
        assert set(await widget.microphones()) == {"ended"}


async def test_who_slides_away_before_letting_go_throws_the_recording_away(chromium: Chromium) -> None:
    ears = doubles.Ears()
    async with house(ears=ears) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        x, y = await hold(widget)
        await widget.page.mouse.move(x - 60, y - 120)
        await expect(widget.recording_words).to_have_text("Release to throw it away.")
        await widget.picture("microphone-away")
        await widget.page.mouse.move(x - 5, y)
        await expect(widget.recording_words).to_contain_text("Release to send")
        # As far as outside the window.
        await widget.page.mouse.move(x - 60, -40)
        await widget.page.mouse.up()
        await expect(widget.field).to_be_focused()
        assert set(await widget.microphones()) == {"ended"}
        await widget.ask("Typed")
        await expect(widget.answers.last).to_contain_text("See you then!")
        assert await widget.questions.count() == 1
        assert ears.recordings == []


async def test_a_frame_of_the_page_does_not_swallow_the_release(chromium: Chromium) -> None:
    async with house() as server:
        body = (
            f"<!doctype html><title>Shop</title><script async src={server.url}/chat.js></script>"
            "<iframe srcdoc='An advertisement' style='position: fixed; inset: 0; width: 100%; height: 100%'>"
        )
        async with chromium.site(body) as url:
            widget = await chromium.widget(url)
            await widget.open()
            await hold(widget)
            await widget.page.mouse.move(200, 400)
            await expect(widget.recording_words).to_have_text("Release to throw it away.")
            await widget.page.mouse.up()
            await expect(widget.field).to_be_focused()
            assert set(await widget.microphones()) == {"ended"}


async def test_escape_throws_away_what_is_held_and_letting_go_sends_nothing(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await hold(widget)
        await widget.page.keyboard.press("Escape")
        await expect(widget.field).to_be_focused()
        await widget.page.mouse.up()
        await expect(widget.panel).to_be_visible()
        assert await widget.questions.count() == 0
        assert set(await widget.microphones()) == {"ended"}


@pytest.mark.parametrize("key", ["Enter", "Space"])
async def test_a_key_can_be_held_as_well_and_the_focus_comes_back(chromium: Chromium, key: str) -> None:
    async with house(ears=doubles.Ears("by key")) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        speak = widget.button("Speak your question")
        await speak.focus()
        await widget.page.keyboard.down(key)
        await widget.recorded(1)
        await expect(widget.recording_words).to_have_text(HELD)
        # A key that is held repeats itself, and by now Send has the focus.
        await widget.page.keyboard.down(key)
        await widget.page.keyboard.down(key)
        await widget.recorded(2)
        assert await widget.questions.count() == 0
        await widget.page.keyboard.up(key)
        await expect(widget.questions).to_have_text(["You: by key"])
        await expect(speak).to_be_focused()


@pytest.mark.parametrize("way", ["key", "screen reader", "blur"])
async def test_a_short_press_records_until_it_is_sent(chromium: Chromium, way: str) -> None:
    async with house(ears=doubles.Ears("pressed")) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        speak = widget.button("Speak your question")
        if way == "key":
            await speak.press("Enter")
        elif way == "screen reader":
            await speak.evaluate("button => button.click()")
        else:
            # Who goes to another window while holding does not let go in this one.
            await hold(widget)
            await widget.page.evaluate("window.dispatchEvent(new FocusEvent('blur'))")
            await widget.page.mouse.up()
        await widget.recorded(2)
        await expect(widget.recording_words).to_be_empty()
        await widget.button("Send the recording").click()
        await expect(widget.questions).to_have_text(["You: pressed"])


async def touch(devtools: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    """Let a finger do what a finger does: `touchStart`, `touchMove`, `touchEnd`."""
    await devtools.send(
        "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
    )


async def test_a_finger_holds_slides_away_and_taps(chromium: Chromium) -> None:
    phone: dict[str, Any] = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
    async with house(ears=doubles.Ears("by finger")) as server:
        widget = await chromium.widget(server.url, **phone)
        await widget.launcher.tap()
        await expect(widget.status).to_have_text("Connected")
        devtools = await widget.page.context.new_cdp_session(widget.page)
        x, y = await middle(widget.button("Speak your question"))

        await touch(devtools, "touchStart", (x, y))
        await widget.recorded(1)
        await touch(devtools, "touchMove", (x - 150, y - 90))
        await expect(widget.recording_words).to_have_text("Release to throw it away.")
        await touch(devtools, "touchEnd")
        await expect(widget.button("Speak your question")).to_be_visible()
        assert await widget.questions.count() == 0

        await touch(devtools, "touchStart", (x, y))
        await widget.recorded(1)
        await touch(devtools, "touchMove", (x + 6, y - 4))
        assert "live" in await widget.microphones()
        await widget.picture("microphone-held-phone")
        await touch(devtools, "touchEnd")
        await expect(widget.questions).to_have_text(["You: by finger"])

        await widget.button("Speak your question").tap()
        await widget.recorded(1)
        await widget.button("Send the recording").tap()
        await expect(widget.questions).to_have_text(["You: by finger", "You: by finger"])
        assert set(await widget.microphones()) == {"ended"}
