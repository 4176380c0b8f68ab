"""What a screen reader is told, and what it is not: the bot's own voice is never talked over."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import expect

from tests import doubles
from voicechat.errors import ProviderFailed

from .conftest import Chromium
from .heard import heard, listen, until_heard
from .house import LONG, both_modes, house
from .widget import REFUSE_SOUND, Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

GO_ON = "Questions to go on with: When are you open? Where are you?"

MARKED = doubles.Brain(
    "**Open** from ",
    "_nine_. See [our page](https://shop.example/open)",
    ", or:\n\n- Mon",
    "days\n- Fridays\n\n```sh\nnpm ci. npm start.\n```\n\nBye `for now`!",
)

MARKED_AS_HEARD = [
    "You: How?",
    "Assistant: Open from nine.",
    "See our page, or:",
    "Mondays",
    "Fridays",
    "Code.",
    "Bye for now!",
]


async def opened(chromium: Chromium, url: str, *, muted: bool = False, before: str = "") -> Widget:
    """Open the chat at *url* and listen to what is announced."""
    widget = await chromium.widget(url, before=before)
    await widget.open()
    if muted:
        await widget.button("Answers by voice").click()
    await listen(widget)
    return widget


@both_modes
@pytest.mark.parametrize("silence", ["the visitor", "the server"])
async def test_without_a_voice_answers_are_told_as_they_are_read_by_whole_sentences(
    chromium: Chromium, mode: str, silence: str
) -> None:
    settings: dict[str, Any] = {"speech": "false"} if silence == "the server" else {}
    async with house(MARKED, **settings) as server:
        widget = await opened(chromium, f"{server.url}/?mode={mode}", muted=not settings)
        await widget.ask("How?")
        assert await until_heard(widget, GO_ON) == [*MARKED_AS_HEARD, GO_ON]


async def test_sentences_are_told_while_the_rest_is_still_coming(chromium: Chromium) -> None:
    gate = asyncio.Semaphore(2)
    brain = doubles.Brain("From nine to six. And ", "more", ". Bye!", gate=gate)
    async with house(brain) as server:
        widget = await opened(chromium, f"{server.url}/?mode=v2", muted=True)
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("And more")
        assert (await until_heard(widget, "Assistant: From nine to six."))[
            -1
        ] == "Assistant: From nine to six."
        gate.release()
        assert (await until_heard(widget, GO_ON))[-3:] == ["And more.", "Bye!", GO_ON]


@both_modes
async def test_what_is_long_is_told_in_whole_sentences_and_before_what_to_go_on_with(
    chromium: Chromium, mode: str
) -> None:
    sentence = "We are open from nine to six on all days but Monday and on none in January."
    async with house(doubles.Brain(" ".join([sentence] * 20)), speech="false") as server:
        widget = await opened(chromium, f"{server.url}/?mode={mode}")
        question = "When are you open and " + "when not and " * 100 + "why?"
        await widget.ask(question)
        answer = [f"Assistant: {sentence}", *[sentence] * 19]
        assert await until_heard(widget, GO_ON) == [f"You: {question}", *answer, GO_ON]


@both_modes
async def test_while_the_voice_speaks_nothing_is_told_and_afterwards_what_it_has_not_said(
    chromium: Chromium, mode: str
) -> None:
    async with house(LONG, voice=doubles.Voice(ms_per_char=60)) as server:
        widget = await opened(chromium, f"{server.url}/?mode={mode}")
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        before = await heard(widget)
        assert before == ["You: When?"]
        await widget.silent()
        assert await until_heard(widget, GO_ON) == [*before, GO_ON]
        # Read aloud already, it is not told when the voice is switched off either.
        await widget.button("Answers by voice").click()
        await widget.ask("When?")
        words = "Assistant: From nine to six, every day but Monday."
        assert (await until_heard(widget, words))[2:4] == ["You: When?", words]


@both_modes
async def test_a_voice_that_is_muted_midway_leaves_the_rest_to_the_screen_reader(
    chromium: Chromium, mode: str
) -> None:
    brain = doubles.Brain("One is the first of them. ", "Two is said after it. ", "Three comes last.")
    async with house(brain, voice=doubles.Voice(ms_per_char=65)) as server:
        widget = await opened(chromium, f"{server.url}/?mode={mode}")
        await widget.ask("When?")

        async def is_in_the_second_sentence() -> bool:
            return (await widget.element("playhead") or 0) > 1_900

        await eventually(is_in_the_second_sentence)
        await widget.button("Answers by voice").click()
        told = await until_heard(widget, "Three comes last.")
        assert "Assistant: One is the first of them." not in told


@both_modes
async def test_what_the_voice_failed_to_say_is_told(chromium: Chromium, mode: str) -> None:
    voice = doubles.Voice(error=(0, ProviderFailed("no voice")))
    async with house(voice=voice) as server:
        widget = await opened(chromium, f"{server.url}/?mode={mode}")
        await widget.ask("When?")
        told = await until_heard(widget, "This answer could not be spoken.")
        assert told.count("Assistant: From nine to six.") == told.count("See you then!") == 1


@both_modes
async def test_an_answer_that_the_browser_keeps_silent_is_told_and_why(chromium: Chromium, mode: str) -> None:
    async with house(voice=doubles.Voice(ms_per_char=60)) as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}", before=REFUSE_SOUND)
        await widget.page.evaluate("document.documentElement.dataset.refuses = ''")
        await widget.open()
        await listen(widget)
        await widget.ask("When?")
        told = await until_heard(widget, "See you then!")
        await until_heard(widget, "Your browser keeps the sound back. Press here to hear the answer.")
        assert told.count("Assistant: From nine to six.") == 1


@both_modes
async def test_a_failure_is_told_once(chromium: Chromium, mode: str) -> None:
    async with house(doubles.Brain(ProviderFailed("It failed."))) as server:
        widget = await opened(chromium, f"{server.url}/?mode={mode}")
        await widget.ask("When?")
        words = "The answer did not come through. Please ask again."
        assert await until_heard(widget, words) == ["You: When?", words]


@both_modes
async def test_a_recording_is_told_when_it_begins_and_ends_and_what_was_understood(
    chromium: Chromium, mode: str
) -> None:
    async with house() as server:
        widget = await opened(chromium, f"{server.url}/?mode={mode}")
        await widget.begin_recording()
        await widget.button("Throw the recording away").click()
        assert await until_heard(widget, "Recording ended") == ["Recording", "Recording ended"]
        await widget.say(1)
        told = await until_heard(widget, GO_ON)
        assert told == ["Recording", "Recording ended"] * 2 + ["You: when are you open", GO_ON]


async def test_answers_to_a_closed_chat_are_counted_when_it_opens_and_not_read_out(
    chromium: Chromium,
) -> None:
    gate = asyncio.Semaphore(0)
    async with house(doubles.Brain("Here it is. And more of it.", gate=gate)) as server:
        widget = await opened(chromium, server.url, muted=True)
        await widget.ask("Where?")
        await expect(widget.answers.last).to_contain_text("Thinking")
        await widget.page.keyboard.press("Escape")
        gate.release()
        await expect(widget.launcher).to_have_accessible_name("Chat with us – New answers: 1")
        await widget.launcher.click()
        assert await until_heard(widget, "New answers: 1") == ["You: Where?", "New answers: 1"]


async def test_stored_messages_are_not_read_out(chromium: Chromium) -> None:
    async with house() as server:
        widget = await opened(chromium, server.url, muted=True)
        await widget.ask("When?")
        await until_heard(widget, GO_ON)
        await widget.page.reload()
        await widget.launcher.click()
        await listen(widget)
        await expect(widget.answers).to_have_count(1)
        await widget.button("Answers by voice").click()
        await widget.ask("Hello?")
        assert (await until_heard(widget, "See you then!"))[:2] == [
            "You: Hello?",
            "Assistant: From nine to six.",
        ]


async def test_a_line_that_stands_again_is_told_once(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await widget.page.route("**/api/config", lambda route: route.abort())
        await widget.launcher.click()
        await expect(widget.status).to_contain_text("Reconnecting in")
        await listen(widget)
        await expect(widget.hint).to_contain_text("No connection just now.")
        await widget.page.unroute("**/api/config")
        await expect(widget.status).to_have_text("Connected")
        assert await until_heard(widget, "Connected") == ["Connected"]
