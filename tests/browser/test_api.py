"""What a page's own script may do with the widget, and what it is told."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests import doubles

from .conftest import Chromium
from .house import both_modes, house
from .layouts import shop, told
from .widget import Widget

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def call(widget: Widget, method: str, value: object = None) -> None:
    """Call a method of `<voice-chat>` and wait for what it promises."""
    await widget.page.evaluate(
        "([method, value]) => document.querySelector('voice-chat')[method](value)", [method, value]
    )


@both_modes
async def test_another_text_is_asked_or_none_as_the_page_wants_it(chromium: Chromium, mode: str) -> None:
    brain = doubles.Brain()
    async with house(brain) as server, shop(chromium, server, f"data-mode={mode}") as widget:
        await widget.page.evaluate(
            "addEventListener('voicechat:beforesend', (event) => {"
            " if (event.detail.text.includes('secret')) event.preventDefault();"
            " else if (event.detail.text === 'All?') event.detail.text = 'x'.repeat(1_000_000);"
            " else event.detail.text += ' Please.'; })"
        )
        await widget.open()
        await widget.ask("My secret is this.")
        await expect(widget.field).to_have_value("")
        await widget.ask("All?")
        await expect(widget.field).to_have_value("")
        await widget.ask("When?")
        await expect(widget.questions).to_have_text(["You: When? Please."])
        await expect(widget.button("Copy all")).to_be_visible()
        asked = [one["text"] for one in await told(widget, "beforesend")]
        assert asked[0] == "My secret is this." and len(asked) == 3
        assert widget.warnings == ["a question was too long to be sent."]
        assert [message.text for message in brain.prompts[-1].history] == ["When? Please."]


async def test_a_text_is_written_into_the_field_and_not_sent(chromium: Chromium) -> None:
    async with house() as server, shop(chromium, server) as widget:
        await call(widget, "ask", "When are you")
        await expect(widget.field).to_have_value("When are you")
        await expect(widget.status).to_have_text("Connected")
        await expect(widget.questions).to_have_count(0)
        await widget.field.press("End")
        await widget.field.press_sequentially(" open?")
        await widget.field.press("Enter")
        await expect(widget.questions).to_have_text(["You: When are you open?"])


async def test_the_pages_own_questions_are_offered_before_and_after_an_answer(chromium: Chromium) -> None:
    async with house() as server, shop(chromium, server) as widget:
        await call(widget, "suggest", ["Too early?"])
        await widget.open()
        offered = widget.panel.locator(".suggestion")
        await expect(offered).to_have_text(["When are you open?"])
        await call(widget, "suggest", ["What is in my basket?"])
        await expect(offered).to_have_text(["What is in my basket?"])
        await offered.click()
        await expect(widget.questions).to_have_text(["You: What is in my basket?"])
        await expect(offered).to_have_text(["When are you open?", "Where are you?"])
        await call(widget, "suggest", ["And now?"])
        await expect(offered).to_have_text(["And now?"])
        await call(widget, "suggest", ["Who?", " ", "Where? ", "Where?"])
        await expect(offered).to_have_text(["Who?", "Where?"])
        await call(widget, "suggest", "Who?")
        await expect(offered).to_have_text(["Who?"])
        await call(widget, "suggest", [])
        await expect(offered).to_have_count(0)


@both_modes
async def test_an_answer_is_interrupted(chromium: Chromium, mode: str) -> None:
    gate = asyncio.Semaphore(1)
    async with (
        house(doubles.Brain("From nine ", "to six.", gate=gate)) as server,
        shop(chromium, server, f"data-mode={mode}") as widget,
    ):
        await widget.open()
        await widget.ask("When?")
        await expect(widget.button("Stop the answer")).to_be_visible()
        await call(widget, "interrupt")
        await expect(widget.button("Stop the answer")).to_have_count(0)
        await expect(widget.panel.locator(".assistant").last).to_have_attribute("data-status", "cut")


async def test_the_voice_is_turned_off_and_on(chromium: Chromium) -> None:
    async with house() as server, shop(chromium, server) as widget:
        await widget.open()
        mute = widget.button("Answers by voice")
        await expect(mute).to_have_attribute("aria-pressed", "true")
        await call(widget, "mute", True)
        await expect(mute).to_have_attribute("aria-pressed", "false")
        await widget.ask("When?")
        await expect(widget.button("Listen")).to_be_visible()
        assert await widget.element("playhead") is None
        await call(widget, "mute", False)
        await expect(mute).to_have_attribute("aria-pressed", "true")


async def test_a_new_conversation_is_begun_closed_or_open_and_stays_muted(chromium: Chromium) -> None:
    async with house() as server, shop(chromium, server) as widget:
        await call(widget, "reset")
        await widget.open()
        await call(widget, "mute", True)
        for is_open in (True, False):
            await widget.ask("When?")
            await expect(widget.button("Copy all")).to_be_visible()
            if not is_open:
                await call(widget, "close")
            await call(widget, "reset")
            assert await widget.element("isOpen") is is_open
            if not is_open:
                await widget.open()
            await expect(widget.status).to_have_text("Connected")
            await expect(widget.questions).to_have_count(0)
            await expect(widget.button("Answers by voice")).to_have_attribute("aria-pressed", "false")
        assert (
            await widget.page.evaluate(
                "document.querySelector('voice-chat').shadowRoot.querySelectorAll('dialog').length"
            )
            == 1
        )


async def test_a_microphone_that_is_refused_is_told(chromium: Chromium) -> None:
    async with house() as server, shop(chromium, server, allow=False) as widget:
        await widget.open()
        await widget.button("Speak your question").click()
        await expect(widget.notice).to_contain_text("not allowed for this page")
        [error] = await told(widget, "error")
        assert error["code"] == "denied" and "allow it, and try again" in str(error["hint"])
