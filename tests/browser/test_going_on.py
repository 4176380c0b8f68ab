"""A page that is reloaded, left and come back to, or loses its server, goes on with what was asked."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests import doubles
from tests.scripted_openai import END, Gate, Stall, Stream, scripted_openai, tokens
from voicechat.engines.scripted import MS_PER_CHAR as SCRIPTED_MS_PER_CHAR

from .conftest import Browsers, Chromium, Served
from .house import LONG, both_modes, house
from .widget import MEASURE_SOUND, REFUSE_SOUND, Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = "Assistant: From nine to six, every day but Monday. On Sunday from eleven."

SPEAK = 0x1B
"""The number of the frame, whose second word is the byte of the text to begin with."""

MS_PER_CHAR = 150
"""So slow that the voice speaks for nine seconds, which is more than is sent ahead of it."""


def is_stored(file: Path, text: str) -> bool:
    """Tell whether *text* is what a message of the only chat says on the disk."""
    with contextlib.closing(sqlite3.connect(file)) as database:
        return bool(database.execute("SELECT 1 FROM messages WHERE text = ?", [text]).fetchone())


async def heard(widget: Widget, ms: int) -> float:
    """Wait until *ms* of an answer were heard; return how many by then."""

    async def is_heard() -> float | None:
        head = await widget.element("playhead")
        return head if head is not None and head >= ms else None

    return float(await eventually(is_heard))


async def expect_the_rest(widget: Widget, heard_ms: float) -> None:
    """See that the open chat shows the whole answer, and speaks what was not heard of it and no more."""
    # How far it was heard is told four times a second, and 200 ms of sound come at once.
    assert await heard(widget, 1) >= heard_ms - 600
    await expect(widget.answers).to_have_text([WHOLE])
    await widget.silent()
    spoken = (len(WHOLE) - len("Assistant: ")) * MS_PER_CHAR / 1_000
    assert 1 < await widget.page.evaluate("window.seconds") < spoken - heard_ms / 1_000 + 1


@both_modes
async def test_a_reload_while_an_answer_is_spoken_goes_on_where_the_voice_was(
    chromium: Chromium, mode: str
) -> None:
    brain = doubles.Brain(*LONG.tokens)
    async with house(brain, voice=doubles.Voice(MS_PER_CHAR)) as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}", before=MEASURE_SOUND)
        await widget.open()
        await widget.ask("When?")
        heard_ms = await heard(widget, 2_000)
        await widget.page.reload()
        await widget.open()
        await expect_the_rest(widget, heard_ms)
        await expect(widget.questions).to_have_text(["You: When?"])
        assert len(brain.prompts) == 1


async def test_so_does_a_voice_whose_turn_the_server_has_ended(chromium: Chromium) -> None:
    # All of it is sent ahead of what is heard, and the turn ends with that.
    async with house(doubles.Brain(*LONG.tokens), voice=doubles.Voice(50)) as server:
        widget = await chromium.widget(f"{server.url}/?mode=v2", before=MEASURE_SOUND)
        await widget.open()
        await widget.ask("When?")
        await heard(widget, 500)
        await widget.page.reload()
        await widget.open()
        await widget.silent()
        await expect(widget.answers.last).to_have_text(WHOLE)
        assert 1 < await widget.page.evaluate("window.seconds") < len(WHOLE) * 0.05


async def test_so_does_another_page_of_the_site(chromium: Chromium) -> None:
    brain = doubles.Brain(*LONG.tokens)
    async with house(brain, voice=doubles.Voice(MS_PER_CHAR)) as server:
        link = f"<a href='/?second'>Next</a><script async src={server.url}/chat.js></script>"
        async with chromium.site(f"<!doctype html><title>Shop</title>{link}") as url:
            widget = await chromium.widget(url, before=MEASURE_SOUND)
            await widget.open()
            await widget.ask("When?")
            heard_ms = await heard(widget, 2_000)
            await widget.page.get_by_role("link", name="Next").click()
            await widget.page.wait_for_url("**/?second")
            await widget.open()
            await expect_the_rest(widget, heard_ms)
            assert len(brain.prompts) == 1


async def test_where_the_browser_keeps_the_sound_back_after_a_reload_a_press_lets_it_go_on(
    chromium: Chromium,
) -> None:
    async with house(LONG, voice=doubles.Voice(MS_PER_CHAR)) as server:
        tag = f"<script async src={server.url}/chat.js data-open></script>"
        async with chromium.site(f"<!doctype html><title>Shop</title>{tag}") as url:
            widget = await chromium.widget(url, before=REFUSE_SOUND)
            await expect(widget.status).to_have_text("Connected")
            await widget.ask("When?")
            heard_ms = await heard(widget, 2_000)
            await widget.page.reload()
            await expect(widget.hear).to_be_visible()
            await widget.hear.click()
            assert await heard(widget, 1) >= heard_ms - 600


@both_modes
async def test_a_question_asked_again_in_the_same_words_is_not_taken_for_the_first_after_a_reload(
    chromium: Chromium, mode: str
) -> None:
    gate = asyncio.Semaphore(2)
    async with house(doubles.Brain("Here ", "it is.", gate=gate)) as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}")
        await widget.open()
        await widget.ask("Where?")
        await expect(widget.button("Copy all")).to_be_visible()
        await widget.silent()
        await widget.ask("Where?")
        await expect(widget.answers.last).to_contain_text("Thinking")
        await widget.page.reload()
        await widget.open()
        await expect(widget.questions).to_have_text(["You: Where?"] * 2)
        gate.release()
        gate.release()
        await expect(widget.answers).to_have_text(["Assistant: Here it is."] * 2)


@both_modes
async def test_a_page_that_the_back_button_brings_back_speaks_on_and_has_what_was_asked_meanwhile(
    browsers: Browsers, chromium: Chromium, mode: str
) -> None:
    browser = await browsers.launch((), whole=True, keeps_pages=True)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(browser.close)
        server = await stack.enter_async_context(house(LONG, voice=doubles.Voice(MS_PER_CHAR)))
        tag = f"<script async src={server.url}/chat.js data-mode={mode}></script>"
        body = f"<!doctype html><title>Shop</title><a href='/?second'>Next</a>{tag}"
        url = await stack.enter_async_context(chromium.site(body))
        widget = Widget(await browser.new_page())
        await widget.page.goto(url)
        await widget.open()
        await widget.ask("When?")
        heard_ms = await heard(widget, 2_000)
        await widget.page.evaluate("window.isSame = true")
        await widget.page.get_by_role("link", name="Next").click()
        await widget.page.wait_for_url("**/?second")
        await widget.open()
        await widget.ask("And where?")
        await expect(widget.questions).to_have_text(["You: When?", "You: And where?"])
        await expect(widget.button("Copy all").last).to_be_visible()
        async with widget.page.expect_event("framenavigated"):
            await widget.page.evaluate("setTimeout(() => history.back())")
        assert await widget.page.evaluate("window.isSame") is True
        await expect(widget.status).to_have_text("Connected")
        await heard(widget, int(heard_ms) + 500)
        await expect(widget.questions).to_have_text(["You: When?", "You: And where?"])
        await widget.ask("And who?")
        await expect(widget.questions).to_have_text(["You: When?", "You: And where?", "You: And who?"])
        await expect(widget.answers).to_have_text([WHOLE] * 3)


def kept_in(folder: Path, provider_url: str) -> dict[str, str]:
    """The settings of a server that answers by text alone, and keeps its chats in *folder*."""
    return {
        "store": f"sqlite:{folder / 'chats.db'}",
        "stt_engine": "none",
        "tts_engine": "none",
        "knowledge_on": "false",
        "chat_base_url": provider_url,
    }


async def kill(served: Served, widget: Widget) -> None:
    """Kill the server of *widget*, and wait until the page has seen it."""
    served.process.kill()
    served.process.wait()
    await expect(widget.status).not_to_have_text("Connected")


@pytest.mark.parametrize("waits", [False, True])
async def test_a_killed_server_leaves_what_it_said_to_be_asked_again_and_answers_what_waited(
    chromium: Chromium, start: Callable[..., Served], tmp_path: Path, waits: bool
) -> None:
    async with scripted_openai() as provider:
        settings = kept_in(tmp_path, provider.url)
        served = await asyncio.to_thread(start, **settings)
        widget = await chromium.widget(served.url)
        await widget.open()
        gate = Gate()
        provider.next("chat", Stream([*tokens("From nine to six."), gate, *tokens(" And"), *END]))
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("From nine to six.")
        await eventually(lambda: asyncio.to_thread(is_stored, tmp_path / "chats.db", "From nine to six."))
        # A second one waits behind it, of which nothing has been said.
        if waits:
            await widget.ask("And where?")
            await expect(widget.answers.last).to_contain_text("Waiting for its turn")
        await kill(served, widget)
        provider.next("chat", Stream([*tokens("In the old town."), *END]))
        await asyncio.to_thread(start, port=served.port, **settings)
        await expect(widget.status).to_have_text("Connected")
        first = widget.panel.locator(".message.assistant").first
        await expect(first).to_have_attribute("data-status", "interrupted")
        await expect(first.locator(".bubble")).to_have_text("Assistant: From nine to six.")
        await expect(first.locator(".fault")).to_have_text("The answer was interrupted.")
        if waits:
            await expect(widget.answers.last).to_have_text("Assistant: In the old town.")
            await expect(widget.questions).to_have_text(["You: When?", "You: And where?"])
        else:
            await first.get_by_role("button", name="Try again").click()
            await expect(widget.answers).to_have_text(["Assistant: In the old town."])
            await expect(widget.questions).to_have_text(["You: When?"])
            await expect(first.locator(".fault")).to_be_hidden()
            await eventually(lambda: asyncio.to_thread(is_stored, tmp_path / "chats.db", "In the old town."))


@both_modes
async def test_a_server_that_is_stopped_leaves_what_waits_to_the_next_one_which_answers_it(
    chromium: Chromium, start: Callable[..., Served], tmp_path: Path, mode: str
) -> None:
    async with scripted_openai() as provider:
        settings = kept_in(tmp_path, provider.url) | {"limits_drain_seconds": "0.5"}
        served = await asyncio.to_thread(start, **settings)
        widget = await chromium.widget(f"{served.url}/?mode={mode}")
        await widget.open()
        provider.next("chat", Stream([*tokens("From nine to six."), Stall()]))
        await widget.ask("When?")
        await eventually(lambda: asyncio.to_thread(is_stored, tmp_path / "chats.db", "From nine to six."))
        await widget.ask("And where?")
        await eventually(lambda: asyncio.to_thread(is_stored, tmp_path / "chats.db", "And where?"))
        served.process.terminate()
        await asyncio.to_thread(served.process.wait)
        provider.next("chat", Stream([*tokens("In the old town."), *END]))
        await asyncio.to_thread(start, port=served.port, **settings)
        await expect(widget.answers.last).to_have_text("Assistant: In the old town.")
        await expect(widget.questions).to_have_text(["You: When?", "You: And where?"])
        await expect(widget.panel.locator(".message.assistant .fault").first).to_be_visible()


@both_modes
async def test_an_answer_that_was_stopped_stays_stopped_after_a_reload(
    chromium: Chromium, mode: str, tmp_path: Path
) -> None:
    brain = doubles.Brain("From nine ", "to six.", gate=asyncio.Semaphore(1 if mode == "v2" else 0))
    async with house(brain, store=f"sqlite:{tmp_path / 'chats.db'}") as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}")
        await widget.open()
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("From nine" if mode == "v2" else "Thinking")
        await widget.button("Stop the answer").click()
        async with asyncio.timeout(5):
            await brain.closed.wait()
        await widget.page.reload()
        await widget.open()
        await expect(widget.questions).to_have_text(["You: When?"])
        await expect(widget.panel.locator(".message.assistant")).to_have_attribute("data-status", "cut")


async def test_a_page_that_comes_while_another_is_answered_shows_the_question_first(
    chromium: Chromium,
) -> None:
    gate = asyncio.Semaphore(1)
    async with house(doubles.Brain("From nine ", "to six.", gate=gate)) as server:
        widget = await chromium.widget(f"{server.url}/?mode=v2")
        await widget.open()
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("From nine")
        twin = await widget.duplicate()
        await expect(twin.panel.locator(".message")).to_contain_text(["When?", "From nine"])
        gate.release()
        await expect(twin.panel.locator(".message")).to_contain_text(["When?", "From nine to six."])


async def test_a_voice_that_a_killed_server_broke_off_goes_on_at_its_sentence(
    chromium: Chromium, start: Callable[..., Served], tmp_path: Path
) -> None:
    sentences = ["We are open from nine to six.", "We are closed on every Monday.", "Do come and see us!"]
    text = " ".join(sentences)
    async with scripted_openai() as provider:
        settings = kept_in(tmp_path, provider.url) | {"tts_engine": "scripted", "limits_lead_ms": "1500"}
        served = await asyncio.to_thread(start, **settings)
        widget = await chromium.widget(served.url, before=MEASURE_SOUND)
        said: list[str | bytes] = []
        widget.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: said.append(frame)))
        await widget.open()
        provider.next("chat", Stream([*tokens(text), *END]))
        await widget.ask("When?")
        await eventually(lambda: asyncio.to_thread(is_stored, tmp_path / "chats.db", text))
        await heard(widget, 1_000)
        await kill(served, widget)
        here = await widget.page.evaluate("window.seconds")
        await asyncio.to_thread(start, port=served.port, **settings)
        await expect(widget.status).to_have_text("Connected")

        async def asked_to_speak() -> list[bytes]:
            return [frame for frame in said if isinstance(frame, bytes) and frame[0] == SPEAK]

        [frame] = await eventually(asked_to_speak)
        left = text[int.from_bytes(frame[4:8], "big") :].lstrip()
        assert any(left.startswith(one) for one in sentences)
        rest = len(left) * SCRIPTED_MS_PER_CHAR / 1_000

        async def again() -> bool:
            seconds = float(await widget.page.evaluate("window.seconds")) - here
            assert seconds < rest * 1.05
            return seconds > rest * 0.95

        await eventually(again)
        await widget.silent()
        assert await again()


async def test_of_an_answer_that_a_killed_server_had_not_stored_nothing_is_mixed_with_the_new_one(
    chromium: Chromium, start: Callable[..., Served], tmp_path: Path
) -> None:
    async with scripted_openai() as provider:
        settings = kept_in(tmp_path, provider.url)
        served = await asyncio.to_thread(start, **settings)
        widget = await chromium.widget(served.url)
        await widget.open()
        provider.next("chat", Stream([*tokens("From nine"), Stall()]))
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("From nine")
        await kill(served, widget)
        provider.next("chat", Stream([*tokens("In the old town, where else?"), *END]))
        await asyncio.to_thread(start, port=served.port, **settings)
        await expect(widget.answers).to_have_text(["Assistant: In the old town, where else?"])
        last = widget.panel.locator(".message.assistant").last
        await expect(last).to_have_attribute("data-status", "complete")


async def both_are_asked(widget: Widget, twin: Widget) -> None:
    """See that two pages of one chat, in which one question was asked, both go on with it."""
    for one in (widget, twin):
        await expect(one.questions).to_have_text(["You: First?"])
    for page, asked in (widget, "Second?"), (twin, "Third?"):
        await page.ask(asked)
        for one in (widget, twin):
            await expect(one.questions.last).to_have_text(f"You: {asked}")
            await expect(one.status).to_have_text("Connected")


async def test_a_duplicated_tab_has_the_chat_and_neither_page_throws_the_other_out(
    chromium: Chromium,
) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("First?")
        await expect(widget.button("Copy all")).to_be_visible()
        await both_are_asked(widget, await widget.duplicate())


async def test_nor_if_it_was_duplicated_while_the_page_was_away(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("First?")
        await expect(widget.button("Copy all")).to_be_visible()
        await widget.page.goto(f"{server.url}/healthz")
        twin = await widget.duplicate("/")
        await expect(twin.status).to_have_text("Connected")
        await widget.page.go_back()
        await widget.open()
        await both_are_asked(widget, twin)
