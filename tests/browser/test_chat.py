"""One chat over reloads, several pages, and changes of mode."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests import doubles

from .conftest import Chromium
from .house import both_modes, house
from .widget import Widget

pytestmark = pytest.mark.asyncio(loop_scope="session")


@both_modes
async def test_a_reload_shows_the_chat_again(chromium: Chromium, mode: str) -> None:
    async with house() as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}")
        await widget.open()
        await widget.ask("First?")
        await expect(widget.answers.last).to_contain_text("See you then!")
        await expect(widget.button("Listen")).to_be_visible()
        await widget.page.reload()
        await widget.open()
        await expect(widget.questions).to_have_text(["You: First?"])
        await expect(widget.answers.last).to_contain_text("See you then!")
        await widget.ask("Second?")
        await expect(widget.questions).to_have_text(["You: First?", "You: Second?"])
        await expect(widget.answers.last).to_contain_text("See you then!")


async def test_a_reload_in_the_middle_of_an_answer_goes_on_with_it(chromium: Chromium) -> None:
    gate = asyncio.Semaphore(1)
    async with house(doubles.Brain("Here ", "it is.", gate=gate)) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("Where?")
        await expect(widget.answers.last).to_contain_text("Here")
        await widget.page.reload()
        await widget.open()
        await expect(widget.answers.last).to_contain_text("Here")
        gate.release()
        await expect(widget.answers.last).to_contain_text("Here it is.")
        assert await widget.answers.count() == 1


async def test_two_pages_of_one_chat_see_the_same(chromium: Chromium) -> None:
    async with house() as server:
        context = await chromium.context()
        one = Widget(await context.new_page())
        await one.page.goto(server.url)
        await one.open()
        await one.ask("First?")
        await expect(one.answers.last).to_contain_text("See you then!")
        kept = await one.page.evaluate("JSON.stringify({ ...sessionStorage })")
        other = Widget(await context.new_page())
        await other.page.add_init_script(f"Object.assign(sessionStorage, JSON.parse({kept!r}))")
        await other.page.goto(server.url)
        await other.open()
        await expect(other.questions).to_have_text(["You: First?"])
        await one.ask("Second?")
        await expect(other.questions).to_have_text(["You: First?", "You: Second?"])
        await expect(other.answers.last).to_contain_text("See you then!")
        assert await other.element("playhead") is None


async def test_the_mode_can_be_changed_in_the_middle_of_a_chat(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(f"{server.url}/?mode=v1")
        await widget.open()
        for number, mode in enumerate(["v1", "v2", "v1", "v2"], 1):
            await widget.page.get_by_label(mode).check()
            await expect(widget.status).to_have_text("Connected")
            assert f"mode={mode}" in widget.page.url
            await widget.ask(f"Question {number}?")
            await expect(widget.answers).to_have_count(number)
            await expect(widget.answers.last).to_contain_text("See you then!")
            await expect(widget.questions).to_have_count(number)


@pytest.mark.parametrize("modes", [("v1", "v2"), ("v2", "v1")])
async def test_a_question_under_way_survives_a_change_of_mode(
    chromium: Chromium, modes: tuple[str, str]
) -> None:
    gate = asyncio.Semaphore(0)
    brain = doubles.Brain("Here ", "it is.", gate=gate)
    async with house(brain) as server:
        widget = await chromium.widget(f"{server.url}/?mode={modes[0]}")
        await widget.open()
        await widget.ask("Where?")
        await expect(widget.answers.last).to_contain_text("Thinking")
        await widget.page.get_by_label(modes[1]).check()
        await expect(widget.status).to_have_text("Connected")
        gate.release()
        gate.release()
        await expect(widget.answers).to_have_text(["Assistant: Here it is."])
        assert len(brain.prompts) == 1


async def test_a_chat_that_was_forgotten_begins_anew_and_says_so(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await widget.page.evaluate(
            "url => sessionStorage.setItem(`voicechat ${url}/`, JSON.stringify({ chat: 'c_gone.secret' }))",
            server.url,
        )
        await widget.page.reload()
        await widget.open()
        await widget.ask("Anybody there?")
        await expect(widget.answers.last).to_contain_text("See you then!")
