"""For developers: the stages of the last answers, drawn in the panel."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, expect

from tests import doubles

from .axe import faults
from .conftest import Chromium
from .house import LONG, house
from .layouts import shop
from .widget import Widget

pytestmark = pytest.mark.asyncio(loop_scope="session")


def timing(widget: Widget) -> Locator:
    return widget.panel.locator("details", has_text="Timing")


async def labels(widget: Widget) -> list[str]:
    """Return what the newest answer's bars are of, but for a wait, which a busy machine may have."""
    found = await timing(widget).locator("table").first.locator("th").all_text_contents()
    return [label for label in found if label != "Queue"]


async def test_a_page_with_data_debug_draws_when_the_stages_of_an_answer_came(chromium: Chromium) -> None:
    async with (
        house(LONG, voice=doubles.Voice(ms_per_char=60)) as server,
        shop(chromium, server, "data-debug data-mode=v2") as widget,
    ):
        await widget.open()
        await widget.ask("When are you open?")
        table = timing(widget).locator("table")
        await expect(table).to_have_count(1)
        await timing(widget).locator("summary").click()
        await expect(table.locator("caption")).to_have_text("When are you open?")
        await expect(table.get_by_role("row", name=re.compile("^Heard"))).to_have_count(1)
        assert await labels(widget) == [
            *("First token", "First clause", "First sound", "Sent", "Heard", "Whole text", "Whole sound"),
        ]
        numbers = await table.locator("td:last-child").all_text_contents()
        assert all(re.fullmatch(r"[\d,]+ ms", number) for number in numbers), numbers
        await widget.picture("debug-light")
        assert await faults(widget) == []
        await widget.page.emulate_media(color_scheme="dark")
        await widget.picture("debug-dark")
        assert await faults(widget) == []


async def test_the_page_adds_when_a_short_answer_was_heard_which_the_server_sent_whole_before(
    chromium: Chromium,
) -> None:
    async with (
        house(doubles.Brain("At nine."), voice=doubles.Voice(ms_per_char=60)) as server,
        shop(chromium, server, "data-debug data-mode=v2") as widget,
    ):
        await widget.open()
        await widget.ask("When?")
        await timing(widget).locator("summary").click()
        await expect(timing(widget).get_by_role("row", name=re.compile("^Heard"))).to_have_count(1)


async def test_a_new_conversation_is_timed_too_and_the_last_five_answers_stand_there(
    chromium: Chromium,
) -> None:
    async with house() as server, shop(chromium, server, "data-debug data-mode=v2") as widget:
        await widget.open()
        await widget.page.evaluate("document.querySelector('voice-chat').reset()")
        await expect(timing(widget)).to_have_count(1)
        await timing(widget).locator("summary").click()
        for number in range(7):
            await widget.ask(f"Question {number}?")
            await expect(timing(widget).locator("caption").first).to_have_text(f"Question {number}?")
        asked = await timing(widget).locator("caption").all_text_contents()
        assert asked == [f"Question {number}?" for number in range(6, 1, -1)]


async def test_without_the_attribute_nothing_of_it_is_fetched_or_shown(chromium: Chromium) -> None:
    async with house() as server, shop(chromium, server, "data-mode=v2") as widget:
        fetched: list[str] = []
        widget.page.on("request", lambda request: fetched.append(request.url))
        await widget.open()
        await widget.ask("When?")
        await expect(widget.button("Copy all")).to_be_visible()
        assert not [url for url in fetched if "/debug-" in url]
        await expect(timing(widget)).to_have_count(0)
