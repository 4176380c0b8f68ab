"""The whole chat without a pointer."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests import doubles

from .conftest import Chromium
from .house import both_modes, house
from .layouts import another_site
from .widget import Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

BRAIN = doubles.Brain("Run this:\n\n```sh\nnpm ci\n```\n\nOr see [our page](https://shop.example/open).")

IN_A_PAGE = "<a id=before href='#'>Shop</a>"

KEPT: dict[str, Any] = {"permissions": ["clipboard-read", "clipboard-write"]}


async def press(widget: Widget, *keys: str) -> None:
    for key in keys:
        await widget.page.keyboard.press(key)


async def tab_to(widget: Widget, control: Locator, key: str = "Tab") -> int:
    """Press *key* until *control* has the focus; return how often."""
    for count in range(1, 30):
        await press(widget, key)
        if await control.evaluate("it => it.getRootNode().activeElement === it"):
            return count
    raise AssertionError(f"{key} does not get there")


def message(widget: Widget, which: int) -> Locator:
    return widget.panel.get_by_role("article").nth(which)


@both_modes
async def test_everything_can_be_done_by_keys_alone(chromium: Chromium, mode: str) -> None:
    async with (
        house(BRAIN) as server,
        another_site(chromium, server, f"data-mode={mode}", before=IN_A_PAGE, **KEPT) as widget,
    ):
        type_ = widget.page.keyboard.type
        await widget.launcher.wait_for()
        await press(widget, "Tab", "Tab")
        await expect(widget.launcher).to_be_focused()
        await press(widget, "Enter")
        await expect(widget.field).to_be_focused()
        await expect(widget.status).to_have_text("Connected")
        await type_("How?")
        await press(widget, "Enter")
        await expect(widget.button("Good answer")).to_be_visible()
        await expect(widget.field).to_be_focused()

        # To the answer, and into it: copy its code, follow nothing, rate it, and back.
        log = widget.panel.get_by_role("log")
        await tab_to(widget, log, "Shift+Tab")
        await expect(log).to_have_accessible_description("Arrow keys: move. Enter: go in. Escape: go back.")
        keys = widget.panel.locator(".keys")
        await expect(keys).to_be_hidden()
        await press(widget, "ArrowUp")
        await expect(message(widget, 1)).to_be_focused()
        await expect(keys).to_be_visible()
        name = "Assistant: Run this: Code. Or see our page."
        await expect(message(widget, 1)).to_have_accessible_name(name)
        await press(widget, "Enter")
        await expect(widget.button("Copy")).to_be_focused()
        await press(widget, "Enter")
        await expect(widget.answers.last.get_by_role("status")).to_have_text("Copied")
        assert (await widget.page.evaluate("navigator.clipboard.readText()")).strip() == "npm ci"
        await press(widget, "ArrowDown")
        await expect(widget.panel.get_by_role("link", name="our page")).to_be_focused()
        await press(widget, "End")
        await expect(widget.button("Bad answer")).to_be_focused()
        await press(widget, "ArrowUp", " ")
        await expect(widget.button("Good answer")).to_have_attribute("aria-pressed", "true")
        await expect(widget.button("Good answer")).to_be_focused()
        await press(widget, "Escape")
        await expect(message(widget, 1)).to_be_focused()
        await widget.picture(f"keyboard-message-{mode}")
        await press(widget, "Escape")
        await expect(widget.field).to_be_focused()

        # One of the questions to go on with, and the voice off.
        suggestion = widget.button("Where are you?")
        await tab_to(widget, suggestion, "Shift+Tab")
        await press(widget, "Enter")
        await expect(widget.questions.last).to_have_text("You: Where are you?")
        await expect(widget.field).to_be_focused()
        mute = widget.button("Answers by voice")
        await tab_to(widget, mute, "Shift+Tab")
        await press(widget, " ")
        await expect(mute).to_have_attribute("aria-pressed", "false")

        # Speak, throw it away, and begin anew.
        speak = widget.button("Speak your question")
        await tab_to(widget, speak)
        await press(widget, "Enter")
        await expect(widget.button("Send the recording")).to_be_focused()
        await widget.recorded(1)
        await tab_to(widget, widget.button("Throw the recording away"), "Shift+Tab")
        await press(widget, "Enter")
        await expect(speak).to_be_focused()
        await tab_to(widget, widget.button("More"), "Shift+Tab")
        await press(widget, "Enter")
        await expect(widget.button("New conversation")).to_be_focused()
        await press(widget, "Enter", "Enter")
        await expect(widget.questions).to_have_count(0)
        await expect(widget.field).to_be_focused()
        await expect(widget.status).to_have_text("Connected")

        # Away from it to the page, and back again.
        await press(widget, "Escape")
        await expect(widget.panel).to_be_hidden()
        await expect(widget.launcher).to_be_focused()
        await press(widget, "Shift+Tab")
        await expect(widget.page.locator("#before")).to_be_focused()


@both_modes
async def test_the_arrows_go_from_message_to_message_and_tab_leaves_them(
    chromium: Chromium, mode: str
) -> None:
    async with house(BRAIN) as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}")
        await widget.open()
        for question in ("First?", "Second?"):
            await widget.ask(question)
            await expect(widget.button("Good answer").last).to_be_visible()
            await expect(widget.panel.locator(".suggestion")).to_have_count(2)
        # From the field over the questions to go on with: the messages are one stop.
        assert await tab_to(widget, widget.panel.get_by_role("log"), "Shift+Tab") == 3
        await press(widget, "ArrowUp", "ArrowUp", "ArrowUp")
        await expect(message(widget, 1)).to_be_focused()
        await press(widget, "ArrowUp")
        await expect(message(widget, 0)).to_have_accessible_name("You: First?")
        await press(widget, "ArrowUp")
        await expect(message(widget, 0)).to_be_focused()
        await press(widget, "End", "ArrowDown")
        await expect(message(widget, 3)).to_be_focused()
        await press(widget, "Home")
        await expect(message(widget, 0)).to_be_focused()
        await press(widget, "Enter")
        await expect(message(widget, 0)).to_be_focused()
        await press(widget, "Tab")
        await expect(widget.panel.locator(".suggestion").first).to_be_focused()
        await press(widget, "Escape")
        await expect(widget.field).to_be_focused()
        await press(widget, "Escape")
        await expect(widget.panel).to_be_hidden()


async def test_an_answer_that_comes_leaves_the_focus_where_it_is(chromium: Chromium) -> None:
    async with house(BRAIN) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("First?")
        await expect(widget.button("Good answer")).to_be_visible()
        await tab_to(widget, widget.panel.get_by_role("log"), "Shift+Tab")
        await press(widget, "Home")
        await widget.page.evaluate("document.querySelector('voice-chat').send('Second?')")
        await expect(widget.button("Good answer")).to_have_count(2)
        await expect(message(widget, 0)).to_be_focused()


async def test_escape_ends_a_recording_before_it_does_anything_else(chromium: Chromium) -> None:
    async with house(BRAIN) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("First?")
        await expect(widget.button("Good answer")).to_be_visible()
        await widget.begin_recording()
        await tab_to(widget, widget.panel.get_by_role("log"), "Shift+Tab")
        await press(widget, "ArrowUp", "Escape")
        await eventually(widget.field.is_visible)
        await expect(widget.panel).to_be_visible()
