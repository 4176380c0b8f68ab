"""How loud and how fast answers are spoken, as the visitor chooses it in the menu."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from .conftest import Chromium
from .house import LONG, Hum, house
from .widget import Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


def slider(widget: Widget, name: str) -> Locator:
    return widget.panel.get_by_role("slider", name=name)


async def level(widget: Widget, least: float, most: float) -> None:
    """Wait until the answer sounds that loud, from 0 to 1."""

    async def is_so() -> bool:
        return await widget.element("playhead") is not None and least <= await widget.element("level") <= most

    await eventually(is_so)


async def test_the_volume_acts_at_once_and_by_keyboard(chromium: Chromium) -> None:
    async with house(LONG, voice=Hum(ms_per_char=200)) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("When?")
        await level(widget, 0.3, 1)
        await widget.button("More").click()
        volume = slider(widget, "Volume")
        await expect(volume).to_have_attribute("aria-valuetext", "100%")
        await volume.focus()
        for _ in range(10):
            await widget.page.keyboard.press("ArrowLeft")
        await expect(volume).to_have_attribute("aria-valuetext", "50%")
        await level(widget, 0.02, 0.12)
        await widget.picture("sliders")
        await widget.page.emulate_media(color_scheme="dark")
        await widget.picture("sliders-dark")
        # No lower than can be heard: silence is the other button's.
        await widget.page.keyboard.press("Home")
        await expect(volume).to_have_attribute("aria-valuetext", "10%")
        await widget.page.keyboard.press("Escape")
        await expect(volume).to_have_count(0)


async def test_the_next_answer_is_spoken_at_the_chosen_speed_and_so_is_that_after_a_reload(
    chromium: Chromium,
) -> None:
    voice = Hum(ms_per_char=5)
    async with house(LONG, voice=voice) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.button("More").click()
        await slider(widget, "Speed").focus()
        for _ in range(4):
            await widget.page.keyboard.press("ArrowRight")
        await expect(slider(widget, "Speed")).to_have_attribute("aria-valuetext", "1.2 ×")
        await slider(widget, "Volume").press("PageDown")
        # Of somebody who has said nothing, nothing is kept.
        assert await widget.page.evaluate("sessionStorage.length") == 0
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        assert {manner.speed for manner in voice.manners} == {1.2}
        await expect(widget.button("Copy all")).to_be_visible()
        await widget.silent()
        await widget.page.reload()
        await widget.open()
        await widget.ask("And on Sunday?")
        await eventually(lambda: widget.element("playhead"))
        assert {manner.speed for manner in voice.manners} == {1.2}
        await widget.button("More").click()
        assert float(await slider(widget, "Volume").input_value()) < 100
        assert widget.console == []


async def test_over_http_there_is_a_volume_alone(chromium: Chromium) -> None:
    async with house(LONG, voice=Hum()) as server:
        widget = await chromium.widget(f"{server.url}/?mode=v1")
        await widget.open()
        await widget.button("More").click()
        await expect(slider(widget, "Volume")).to_be_visible()
        await expect(slider(widget, "Speed")).to_have_count(0)


async def test_where_nothing_is_spoken_there_are_no_sliders(chromium: Chromium) -> None:
    async with house(LONG, speech="false") as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.button("More").click()
        await expect(widget.button("Download as text")).to_be_visible()
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("eleven")
        await widget.button("More").click()
        await expect(widget.panel.get_by_role("slider")).to_have_count(0)
