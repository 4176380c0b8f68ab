"""What a visitor does with answers every day: go on, rate, copy, try again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests import doubles
from voicechat.errors import ProviderFailed

from .conftest import Chromium
from .house import both_modes, house
from .layouts import shop, told

pytestmark = pytest.mark.asyncio(loop_scope="session")

SUGGESTIONS = "Questions to go on with"


@both_modes
async def test_questions_to_go_on_with_stand_under_the_newest_answer_alone(
    chromium: Chromium, mode: str
) -> None:
    async with house() as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}")
        await widget.open()
        begin = widget.panel.get_by_role("group", name="Questions to begin with")
        go_on = widget.panel.get_by_role("group", name=SUGGESTIONS)
        await expect(begin.get_by_role("button")).to_have_text(["When are you open?"])
        await widget.ask("Hello?")
        await expect(begin).to_have_count(0)
        await expect(go_on.get_by_role("button")).to_have_text(["When are you open?", "Where are you?"])
        await expect(widget.button("Copy all")).to_be_visible()
        await widget.picture(f"suggestions-{mode}")
        await go_on.get_by_role("button", name="Where are you?").press("Enter")
        await expect(widget.questions.last).to_have_text("You: Where are you?")
        await expect(widget.field).to_be_focused()
        await expect(go_on.get_by_role("button")).to_have_text(["When are you open?"])


async def test_they_are_gone_while_an_answer_is_under_way(chromium: Chromium) -> None:
    async with house(doubles.Stuck()) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        go_on = widget.panel.get_by_role("group", name=SUGGESTIONS)
        await widget.ask("Hello?")
        await expect(go_on).to_be_visible()
        await widget.ask("Count!")
        await expect(widget.answers.last).to_contain_text("From nine")
        await expect(go_on).to_be_hidden()


@both_modes
async def test_a_rating_is_told_kept_and_taken_back(chromium: Chromium, mode: str) -> None:
    async with house() as server, shop(chromium, server, f"data-mode={mode}") as widget:
        await widget.open()
        await widget.ask("When?")
        up, down = widget.button("Good answer"), widget.button("Bad answer")
        await expect(up).to_have_attribute("aria-pressed", "false")
        await up.click()
        await expect(up).to_have_attribute("aria-pressed", "true")
        await expect(up).to_be_focused()
        await down.click()
        await expect(down).to_have_attribute("aria-pressed", "true")
        await expect(up).to_have_attribute("aria-pressed", "false")
        await widget.page.wait_for_function("told.filter(({ name }) => name === 'feedback').length === 2")
        assert await told(widget, "feedback") == [{"n": 2, "rating": "up"}, {"n": 2, "rating": "down"}]
        await widget.picture(f"rated-{mode}")
        await widget.page.reload()
        await widget.open()
        await expect(down).to_have_attribute("aria-pressed", "true")
        await down.click()
        await widget.page.wait_for_function("told.some(({ name }) => name === 'feedback')")
        assert await told(widget, "feedback") == [{"n": 2, "rating": None}]
        await expect(down).to_have_attribute("aria-pressed", "false")


async def test_a_rating_that_does_not_arrive_is_taken_back_and_said(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("When?")
        await widget.page.route("**/api/events", lambda route: route.abort())
        await widget.button("Good answer").click()
        await expect(widget.notice).to_have_text("Not connected")
        await expect(widget.button("Good answer")).to_have_attribute("aria-pressed", "false")


MARKED = doubles.Brain(
    "**Open** from _nine_.\n\n- Mondays\n- Fridays\n\n```sh\nnpm ci\n```\n\nSee [us](https://a.example/)."
)


async def test_an_answer_is_copied_as_it_is_read(chromium: Chromium) -> None:
    async with house(MARKED) as server:
        widget = await chromium.widget(server.url, permissions=["clipboard-read", "clipboard-write"])
        await widget.open()
        await widget.ask("When?")
        await widget.button("Copy all").click()
        await expect(widget.button("Copied")).to_be_focused()
        lines = (await widget.page.evaluate("navigator.clipboard.readText()")).split("\n")
        assert [line for line in lines if line] == [
            "Open from nine.",
            "Mondays",
            "Fridays",
            "npm ci",
            "See us.",
        ]
        await expect(widget.answers.last.get_by_role("button", name="Copy")).to_be_visible()


@both_modes
async def test_what_failed_is_answered_after_a_tap(chromium: Chromium, mode: str) -> None:
    brain = doubles.Brain(ProviderFailed("It failed."))
    async with house(brain) as server, shop(chromium, server, f"data-mode={mode}") as widget:
        await widget.open()
        await widget.ask("When?")
        again = widget.panel.locator(".message").get_by_role("button", name="Try again")
        await expect(again).to_be_visible()
        await widget.picture(f"failed-{mode}")
        assert (await told(widget, "error"))[0]["code"] == "provider_failed"
        await widget.page.reload()
        await widget.open()
        await expect(widget.answers.last).to_contain_text("did not come through")
        brain.tokens = ("From nine to six.",)
        await again.click()
        await expect(widget.answers.last).to_contain_text("From nine to six.")
        # Mode v2 has the same question answered anew, which mode v1 knows no way to ask for.
        await expect(widget.questions).to_have_text(["You: When?"] * (2 if mode == "v1" else 1))
        await expect(again).to_have_count(0)


async def test_answers_that_end_while_the_chat_is_closed_are_counted_on_the_launcher(
    chromium: Chromium,
) -> None:
    gate = asyncio.Semaphore(0)
    async with (
        house(doubles.Brain("From nine ", "to six.", gate=gate)) as server,
        shop(chromium, server) as widget,
    ):
        await widget.open()
        await widget.ask("When?")
        await expect(widget.questions).to_have_count(1)
        await widget.field.press("Escape")
        await expect(widget.panel).to_be_hidden()
        assert await told(widget, "unread") == []
        for _ in range(2):
            gate.release()
        await expect(widget.launcher).to_have_accessible_name("Chat with us – New answers: 1")
        await expect(widget.launcher.locator(".badge")).to_have_text("1")
        await widget.picture("unread")
        assert await told(widget, "unread") == [{"count": 1}]
        await widget.launcher.click()
        await expect(widget.answers.last).to_contain_text("From nine to six.")
        await expect(widget.launcher).to_have_accessible_name("Close the chat")
        assert await told(widget, "unread") == [{"count": 1}, {"count": 0}]
        await widget.field.press("Escape")
        await expect(widget.launcher).to_have_accessible_name("Chat with us")


@both_modes
async def test_a_new_conversation_is_begun_after_one_question_back(chromium: Chromium, mode: str) -> None:
    brain = doubles.Brain()
    async with house(brain) as server, shop(chromium, server, f"data-mode={mode}") as widget:
        await widget.open()
        await widget.ask("When?")
        await expect(widget.button("Copy all")).to_be_visible()
        first = await widget.page.evaluate("Object.values(sessionStorage).join()")
        more = widget.button("More")
        await more.press("Enter")
        await expect(widget.button("New conversation")).to_be_focused()
        await widget.picture(f"more-{mode}")
        await widget.page.keyboard.press("Escape")
        await expect(widget.field).to_be_focused()
        await expect(widget.button("New conversation")).to_have_count(0)
        await expect(more).to_have_attribute("aria-expanded", "false")
        for shown in (1, 0, 1):
            await more.press("Enter")
            await expect(widget.button("New conversation")).to_have_count(shown)
            await expect(more).to_have_attribute("aria-expanded", "true" if shown else "false")
        await widget.page.keyboard.press("Enter")
        await expect(more).to_have_attribute("aria-expanded", "false")
        await expect(widget.notice).to_contain_text("A new conversation forgets this one.")
        await expect(widget.button("New conversation")).to_be_focused()
        await widget.picture(f"anew-{mode}")
        await expect(widget.questions).to_have_count(1)
        await widget.page.keyboard.press("Enter")
        await expect(widget.questions).to_have_count(0)
        await expect(widget.status).to_have_text("Connected")
        await expect(widget.field).to_be_focused()
        assert await widget.page.evaluate("sessionStorage.length") == 0
        await widget.ask("Where?")
        await expect(widget.button("Copy all")).to_be_visible()
        assert await widget.page.evaluate("Object.values(sessionStorage).join()") != first
        assert [message.text for message in brain.prompts[-1].history] == ["Where?"]
        await widget.page.reload()
        await widget.open()
        await expect(widget.questions).to_have_text(["You: Where?"])


async def test_the_conversation_is_downloaded_as_text(chromium: Chromium, tmp_path: Path) -> None:
    async with house() as server, shop(chromium, server) as widget:
        await widget.open()
        await widget.ask("Wann öffnet ihr?")
        await expect(widget.button("Copy all")).to_be_visible()
        await widget.button("More").click()
        async with widget.page.expect_download() as downloading:
            await widget.button("Download as text").click()
        download = await downloading.value
        assert download.suggested_filename == "chat.txt"
        await download.save_as(tmp_path / "chat.txt")
        assert await widget.violations() == []
        assert (tmp_path / "chat.txt").read_text("utf-8") == (
            "You: Wann öffnet ihr?\n\nAssistant: From nine to six. See you then!\n"
        )
