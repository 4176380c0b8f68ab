"""What sounds, and when."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests import doubles

from .conftest import Chromium
from .house import LONG, both_modes, house
from .test_microphone_end import SHOW
from .widget import REFUSE_SOUND, WATCH_SOUND, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


@both_modes
async def test_a_muted_page_gets_its_answers_as_text(chromium: Chromium, mode: str) -> None:
    voice = doubles.Voice()
    async with house(voice=voice) as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}")
        await widget.open()
        await widget.button("Answers by voice").click()
        await expect(widget.button("Answers by voice")).to_have_attribute("aria-pressed", "false")
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("See you then!")
        await expect(widget.button("Send")).to_be_visible()
        assert await widget.element("playhead") is None
        assert voice.texts == []
        await widget.picture(f"{mode}-muted")


async def test_mode_v1_writes_the_answer_out_while_it_is_spoken(chromium: Chromium) -> None:
    async with house(LONG, voice=doubles.Voice(ms_per_char=60)) as server:
        widget = await chromium.widget(f"{server.url}/?mode=v1")
        await widget.open()
        await widget.ask("When?")
        lengths: list[int] = []

        async def is_written() -> bool:
            text = (await widget.answers.last.text_content() or "").removeprefix("Assistant: ")
            head = await widget.element("playhead")
            # The text is read first: it may be that of the waiting before, and the head of the sound after.
            if text.startswith("From") and head is not None:
                lengths.append(len(text))
                # Whole words, and at most the one that is being spoken ahead of the voice.
                assert len(text) <= head / 60 + 20
            return text.startswith("From nine") and "eleven" in text

        await eventually(is_written)
        assert len(set(lengths)) > 5
        assert lengths == sorted(lengths)


async def test_a_page_is_told_of_an_answer_when_its_visitor_can_read_all_of_it(chromium: Chromium) -> None:
    listen = """
      window.told = [];
      addEventListener('voicechat:message', ({ detail, target }) => {
        if (detail.role !== 'assistant') return;
        const { playhead, shadowRoot } = target;
        // What changes is drawn with the next frame, so it stands there in the one after.
        requestAnimationFrame(() => requestAnimationFrame(() => {
          const shown = [...shadowRoot.querySelectorAll('.bubble')].at(-1).textContent;
          window.told.push([detail.text, playhead, shown]);
        }));
      });
    """
    async with house(LONG, voice=doubles.Voice(ms_per_char=40)) as server:
        widget = await chromium.widget(f"{server.url}/?mode=v1", before=listen)
        await widget.open()
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        assert await widget.page.evaluate("told") == []
        await eventually(lambda: widget.page.evaluate("told.length"))
        ((text, playhead, shown),) = await widget.page.evaluate("told")
        assert text.endswith("eleven.") and shown == f"Assistant: {text}"
        assert playhead is None


async def test_less_motion_has_the_answer_at_once(chromium: Chromium) -> None:
    async with house(LONG, voice=doubles.Voice(ms_per_char=100)) as server:
        widget = await chromium.widget(f"{server.url}/?mode=v1", reduced_motion="reduce")
        await widget.open()
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("eleven")
        assert await widget.element("playhead") < 3_000


async def test_the_writing_effect_can_be_switched_off(chromium: Chromium) -> None:
    async with house(LONG, voice=doubles.Voice(ms_per_char=100), writing_effect="false") as server:
        widget = await chromium.widget(f"{server.url}/?mode=v1")
        await widget.open()
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("eleven")
        assert await widget.element("playhead") < 3_000


@both_modes
async def test_what_comes_after_the_chat_was_closed_is_text_and_does_not_sound(
    chromium: Chromium, mode: str
) -> None:
    gate = asyncio.Semaphore(0)
    async with house(doubles.Brain("Here it is. And more of it.", gate=gate)) as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}", before=WATCH_SOUND)
        await widget.open()
        await widget.ask("Where?")
        await expect(widget.answers.last).to_contain_text("Thinking")
        await widget.page.keyboard.press("Escape")
        await expect(widget.panel).to_be_hidden()
        gate.release()
        hidden = widget.page.locator("voice-chat .message.assistant")
        await expect(hidden).to_have_attribute("data-status", "complete")
        await expect(hidden.locator(".bubble")).to_have_text("Assistant: Here it is. And more of it.")
        assert await widget.page.evaluate("window.begun") == 0
        await widget.launcher.click()
        await widget.button("Listen").click()
        await eventually(lambda: widget.element("playhead"))


@both_modes
async def test_where_the_browser_refuses_to_play_a_press_lets_the_answer_sound(
    chromium: Chromium, mode: str
) -> None:
    async with house(voice=doubles.Voice(ms_per_char=60)) as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}", before=REFUSE_SOUND)
        await widget.page.evaluate("document.documentElement.dataset.refuses = ''")
        await widget.open()
        await expect(widget.hear).to_be_hidden()
        await widget.ask("When?")
        await expect(widget.hear).to_be_visible()
        # Nobody has to wait for the voice to read.
        await expect(widget.answers.last).to_contain_text("See you then!")
        assert not await widget.element("playhead")
        await widget.picture(f"{mode}-refused-to-play")
        await widget.page.evaluate("delete document.documentElement.dataset.refuses")
        await widget.hear.click()
        await eventually(lambda: widget.element("playhead"))
        await expect(widget.hear).to_be_hidden()


async def test_closing_the_chat_ends_the_sound_and_lets_the_loudspeaker_rest(chromium: Chromium) -> None:
    async with house(LONG, voice=doubles.Voice(ms_per_char=100)) as server:
        widget = await chromium.widget(server.url, before=WATCH_SOUND)
        await widget.open()
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        await widget.page.keyboard.press("Escape")
        await widget.silent()
        states = "window.contexts.map(context => context.state)"

        async def rests() -> bool:
            return bool(await widget.page.evaluate(states) == ["suspended"])

        await eventually(rests)
        await widget.launcher.click()
        await widget.button("Listen").click()
        await eventually(lambda: widget.element("playhead"))
        assert await widget.page.evaluate(states) == ["running"]


async def test_a_voice_goes_on_while_its_page_is_out_of_sight(chromium: Chromium) -> None:
    async with house(LONG, voice=doubles.Voice(ms_per_char=60)) as server:
        widget = await chromium.widget(f"{server.url}/?mode=v2")
        await widget.open()
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        await widget.page.evaluate(SHOW % "hidden")

        async def goes_on() -> bool:
            return (await widget.element("playhead") or 0) > 1_000

        await eventually(goes_on)
        await widget.silent()
        await expect(widget.panel.locator(".unheard")).to_have_count(0)


async def test_of_two_tabs_the_one_that_asked_speaks_and_the_other_when_it_is_told_to(
    chromium: Chromium,
) -> None:
    async with house(LONG, voice=doubles.Voice(ms_per_char=60)) as server:
        widget = await chromium.widget(f"{server.url}/?mode=v2")
        await widget.open()
        await widget.ask("First?")
        await expect(widget.button("Copy all")).to_be_visible()
        await widget.button("Stop the answer").click()
        twin = await widget.duplicate()
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        await expect(twin.answers.last).to_contain_text("from eleven.")
        assert await twin.element("playhead") is None
        await widget.button("Stop the answer").click()
        await widget.silent()
        await twin.button("Listen").last.click()
        await eventually(lambda: twin.element("playhead"))
        assert await widget.element("playhead") is None
