"""What is written and said without a connection is kept, and goes out once, in its order."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests import doubles

from .conftest import Chromium
from .house import both_modes, house
from .proxy import Proxy, proxied
from .widget import Widget

pytestmark = pytest.mark.asyncio(loop_scope="session")

UNSENT = "It is sent as soon as the connection stands."


@contextlib.asynccontextmanager
async def behind(brain: doubles.Brain, ears: doubles.Ears | None = None) -> AsyncIterator[Proxy]:
    """A proxy that can be made to let nothing through, and a server behind it."""
    async with house(brain, ears) as server, proxied(server.url) as proxy:
        yield proxy


async def go_offline(widget: Widget, proxy: Proxy) -> None:
    """Let the page reach nothing but its own files."""
    await widget.page.route("**/api/**", lambda route: route.abort())
    proxy.upgrades = "502"
    proxy.cut()


async def go_online(widget: Widget, proxy: Proxy) -> None:
    proxy.upgrades = "pass"
    await widget.page.unroute("**/api/**")
    await widget.page.evaluate("dispatchEvent(new Event('online'))")


@both_modes
async def test_questions_stand_there_marked_and_are_answered_in_their_order_once(
    chromium: Chromium, mode: str
) -> None:
    brain = doubles.Brain()
    async with behind(brain) as proxy:
        widget = await chromium.widget(f"{proxy.url}/?mode={mode}")
        await widget.open()
        await widget.ask("First?")
        await expect(widget.button("Copy all")).to_be_visible()
        await go_offline(widget, proxy)
        await widget.ask("Second?")
        await expect(widget.status).not_to_have_text("Connected")
        await widget.ask("Third?")
        await expect(widget.field).to_have_value("")
        await expect(widget.questions).to_have_text(["You: First?", "You: Second?", "You: Third?"])
        marks = widget.panel.locator(".user .fault")
        await expect(marks).to_have_text(["", UNSENT, UNSENT])
        await widget.picture(f"unsent-{mode}")
        await go_online(widget, proxy)
        await expect(widget.button("Copy all")).to_have_count(3)
        await expect(marks).to_have_text(["", "", ""])
        asked = [prompt.history[-1].text for prompt in brain.prompts]
        assert asked == ["First?", "Second?", "Third?"]


@both_modes
async def test_they_survive_a_reload(chromium: Chromium, mode: str) -> None:
    brain = doubles.Brain()
    async with behind(brain) as proxy:
        widget = await chromium.widget(f"{proxy.url}/?mode={mode}")
        await widget.open()
        await widget.ask("First?")
        await expect(widget.button("Copy all")).to_be_visible()
        await go_offline(widget, proxy)
        # The same words as before: they are another question all the same.
        await widget.ask("First?")
        await widget.ask("Second?")
        for _ in range(2):
            await widget.page.reload()
            await widget.launcher.click()
            await expect(widget.questions).to_have_text(["You: First?", "You: Second?"])
            await expect(widget.panel.locator(".user .fault")).to_have_text([UNSENT, UNSENT])
        await go_online(widget, proxy)
        await expect(widget.questions).to_have_text(["You: First?", "You: First?", "You: Second?"])
        await expect(widget.button("Copy all")).to_have_count(3)
        assert [prompt.history[-1].text for prompt in brain.prompts] == ["First?", "First?", "Second?"]


@both_modes
async def test_so_does_the_first_question_of_a_page_that_was_never_connected(
    chromium: Chromium, mode: str
) -> None:
    brain = doubles.Brain()
    async with behind(brain) as proxy:
        widget = await chromium.widget(f"{proxy.url}/?mode={mode}")
        await go_offline(widget, proxy)
        await widget.launcher.click()
        await widget.ask("When?")
        await expect(widget.panel.locator(".user .fault")).to_have_text(UNSENT)
        await widget.page.reload()
        await widget.launcher.click()
        await expect(widget.questions).to_have_text(["You: When?"])
        await go_online(widget, proxy)
        await expect(widget.button("Copy all")).to_be_visible()
        assert len(brain.prompts) == 1


async def test_no_more_wait_than_the_server_takes_and_the_rest_stays_in_the_field(chromium: Chromium) -> None:
    brain = doubles.Brain()
    async with behind(brain) as proxy:
        widget = await chromium.widget(f"{proxy.url}/?mode=v2")
        await widget.open()
        await go_offline(widget, proxy)
        await expect(widget.status).not_to_have_text("Connected")
        # Four wait on the server, and a fifth is being answered.
        for n in range(1, 7):
            await widget.ask(f"Question {n}?")
        await expect(widget.questions).to_have_count(5)
        await expect(widget.field).to_have_value("Question 6?")
        await go_online(widget, proxy)
        await expect(widget.button("Copy all")).to_have_count(6)
        assert [prompt.history[-1].text for prompt in brain.prompts] == [
            f"Question {n}?" for n in range(1, 7)
        ]


@both_modes
async def test_a_recording_made_meanwhile_is_heard_later(chromium: Chromium, mode: str) -> None:
    brain, ears = doubles.Brain(), doubles.Ears("And on Sunday?")
    async with behind(brain, ears) as proxy:
        widget = await chromium.widget(f"{proxy.url}/?mode={mode}")
        await widget.open()
        await go_offline(widget, proxy)
        await widget.ask("When?")
        await expect(widget.status).not_to_have_text("Connected")
        await widget.say(1)
        await expect(widget.questions).to_have_text(["You: When?", "You: Spoken question"])
        await expect(widget.panel.locator(".user .fault")).to_have_text([UNSENT, UNSENT])
        await go_online(widget, proxy)
        await expect(widget.questions).to_have_text(["You: When?", "You: And on Sunday?"])
        await expect(widget.button("Copy all")).to_have_count(2)
        assert len(ears.recordings) == 1
