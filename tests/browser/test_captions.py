"""What is heard while the visitor speaks stands above the microphone, before the recording ends."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests import doubles

from .conftest import Chromium, Served
from .heard import heard, listen
from .house import house
from .widget import Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEEP_WATCHING = """
  (panel) => {
    window.captioned = [];
    const look = () => {
      const line = panel.querySelector('.captions');
      const [stable, rest] = [...(line?.children ?? [])].map((part) => part.textContent);
      const last = captioned.at(-1) ?? [];
      if (line && (last[0] !== stable || last[1] !== rest)) captioned.push([stable, rest]);
      requestAnimationFrame(look);
    };
    look();
  }
"""


async def watch(widget: Widget) -> None:
    """Keep from now on what each frame shows, for `shown`."""
    await widget.panel.evaluate(KEEP_WATCHING)


async def shown(widget: Widget) -> list[list[str]]:
    """Return what stood there, its stable part and the rest, each once."""
    found: list[list[str]] = await widget.page.evaluate("captioned")
    return found


async def test_captions_come_while_real_speech_is_recorded_and_the_question_reads_as_the_transcript(
    chromium: Chromium, bot: Served
) -> None:
    widget = await chromium.widget(f"{bot.url}/?mode=v2", "saturday.flac")
    await widget.open()
    await watch(widget)
    await listen(widget)
    await widget.begin_recording()
    line = widget.panel.locator(".captions")
    await expect(line).to_contain_text("When are you open", timeout=15_000)
    await expect(line).to_contain_text("Saturday", timeout=15_000)
    # A screen reader would talk over who speaks.
    assert not any("open" in said for said in await heard(widget))
    await widget.picture("captions")
    assert await widget.button("Send the recording").is_visible()  # it is not over
    await widget.button("Send the recording").click()
    await expect(widget.questions.last).to_contain_text("When are you open on Saturday?")
    stable = ""
    for now, _ in (await shown(widget))[:-1]:
        assert now.startswith(stable), "what is stable changed"
        stable = now
    assert stable.startswith("When are you")
    assert not widget.console


async def test_words_from_right_to_left_are_shown_so(chromium: Chromium) -> None:
    async with house(ears=doubles.Ears("متى تفتحون أبوابكم"), stt_early_calls="40") as server:
        widget = await chromium.widget(f"{server.url}/?mode=v2", "parking.flac")
        await widget.open()
        await widget.begin_recording()
        line = widget.panel.locator(".captions")
        await expect(line).to_have_text("متى تفتحون أبوابكم")
        assert await line.evaluate("line => getComputedStyle(line).direction") == "rtl"
        await expect(line.locator("span").first).to_have_text("متى تفتحون أبوابكم")  # heard twice


async def test_what_was_heard_of_a_recording_that_was_thrown_away_is_not_shown_with_the_next(
    chromium: Chromium,
) -> None:
    async with house(ears=doubles.Ears("throw this away"), stt_early_calls="40") as server:
        widget = await chromium.widget(f"{server.url}/?mode=v2", "parking.flac")
        await widget.open()
        await watch(widget)
        await widget.begin_recording()
        line = widget.panel.locator(".captions")
        await expect(line).to_have_text("throw this away")
        await widget.button("Throw the recording away").click()
        await expect(line).to_be_hidden()

        async def is_cleared() -> bool:
            return (await shown(widget))[-1] == ["", ""]

        await eventually(is_cleared)


async def test_a_long_question_shows_its_last_words(chromium: Chromium) -> None:
    words = " ".join(f"word{n}" for n in range(200))
    async with house(ears=doubles.Ears(words), stt_early_calls="40") as server:
        widget = await chromium.widget(f"{server.url}/?mode=v2", "parking.flac")
        await widget.open()
        await widget.begin_recording()
        line = widget.panel.locator(".captions")
        await expect(line).to_contain_text("word199")
        left = await line.evaluate("line => line.scrollHeight - line.clientHeight - line.scrollTop")
        height = (await line.bounding_box() or {})["height"]
        assert left <= 1 and height < 150
