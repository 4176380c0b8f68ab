"""A conversation by voice, with no key: the ears, the pages and the voice are those of this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.conftest import Server, serving
from tests.speech import word_error_rate
from voicechat.config import Stt
from voicechat.engines.whisper import Whisper

from .conftest import Chromium
from .loudspeaker import RECORD_SOUND, sounded
from .widget import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def embedded() -> AsyncIterator[Server]:
    """A server as it is without any setting."""
    async with serving(
        as_configured=True, knowledge_on="true", tts_engine="piper", stt_engine="whisper"
    ) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def ears() -> AsyncIterator[Whisper]:
    """Who listens to the page's loudspeaker."""
    whisper = Whisper(Stt(), 600)
    await whisper.load()
    yield whisper
    await whisper.close()


async def test_what_the_page_says_is_what_stands_there(
    chromium: Chromium, embedded: Server, ears: Whisper
) -> None:
    widget = await chromium.widget(
        f"{embedded.url}/?mode=v2", "saturday.flac", before=RECORD_SOUND, bypass_csp=True
    )
    await widget.open()
    await widget.say()
    await expect(widget.questions.last).to_contain_text("When are you open on Saturday?")
    await widget.sounding()
    await widget.silent()
    heard = await ears.transcribe(await sounded(widget), "en")
    shown = (await widget.answers.last.text_content() or "").removeprefix("Assistant: ")
    print(f"shown: {shown}\nheard: {heard}")
    assert word_error_rate(shown.replace(":00", ""), heard) < 0.3


async def test_a_question_is_read_while_it_is_spoken_and_answered_aloud_before_the_text_is_whole(
    chromium: Chromium,
) -> None:
    # The site's own engine writes a whole answer at once; this one takes its time, as a model does.
    slow = {"chat_engine": "scripted", "chat_model": "first_ms=300 gap_ms=100 tokens=60"}
    async with serving(as_configured=True, tts_engine="piper", stt_engine="whisper", **slow) as server:
        widget = await chromium.widget(f"{server.url}/?mode=v2", "saturday.flac")
        await widget.open()
        await widget.begin_recording(1)
        await expect(widget.panel.locator(".captions")).to_contain_text("open on Saturday")
        assert await widget.questions.count() == 0
        await widget.button("Send the recording").click()
        await expect(widget.questions.last).to_contain_text("When are you open on Saturday?")
        await widget.sounding()
        assert await widget.panel.locator(".assistant").last.get_attribute("data-status") == "running"
        await widget.button("Stop the answer").click()
        await widget.silent()


async def test_who_stops_the_voice_and_says_go_on_hears_the_rest(
    chromium: Chromium, embedded: Server, ears: Whisper
) -> None:
    widget = await chromium.widget(f"{embedded.url}/?mode=v2", before=RECORD_SOUND, bypass_csp=True)
    await widget.open()
    await widget.ask("Can I return opened tea?")

    async def is_underway() -> bool:
        return (await widget.element("playhead") or 0) > 5_000

    await eventually(is_underway)
    await widget.button("Stop the answer").click()
    await widget.silent()
    unheard = " ".join(await widget.panel.locator(".unheard").all_text_contents())
    await sounded(widget)
    await widget.ask("Go on, please.")
    await expect(widget.answers.last).to_contain_text("As I was saying:")
    await expect(widget.answers.last).to_contain_text(unheard.split(".")[-2].strip())
    await widget.sounding()
    await widget.silent()
    heard = await ears.transcribe(await sounded(widget), "en")
    shown = (await widget.answers.last.text_content() or "").removeprefix("Assistant: ")
    print(f"unheard: {unheard}\nshown: {shown}\nheard: {heard}")
    assert word_error_rate(shown, heard) < 0.3
