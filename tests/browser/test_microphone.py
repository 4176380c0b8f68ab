"""Speaking: what is recorded, and that the microphone is let go whatever happens."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests import doubles
from tests.conftest import serving
from voicechat.errors import ProviderTimeout

from .conftest import Chromium
from .house import both_modes, house
from .widget import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


@both_modes
async def test_escape_throws_the_recording_away(chromium: Chromium, mode: str) -> None:
    ears = doubles.Ears()
    async with house(ears=ears) as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}")
        await widget.open()
        await widget.begin_recording()
        assert await widget.microphones() == ["live"]
        await widget.page.keyboard.press("Escape")
        await expect(widget.field).to_be_focused()
        assert set(await widget.microphones()) == {"ended"}
        assert await widget.questions.count() == 0
        await expect(widget.panel).to_be_visible()
        await widget.ask("Typed")
        await expect(widget.answers.last).to_contain_text("See you then!")
        assert ears.recordings == []


@pytest.mark.parametrize("way", ["send", "escape", "throw away", "close", "leave", "mode", "unplug"])
async def test_whatever_ends_a_recording_releases_the_microphone(chromium: Chromium, way: str) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.begin_recording()
        assert await widget.microphones() == ["live"]
        if way == "send":
            await widget.button("Send the recording").click()
        elif way == "escape":
            await widget.page.keyboard.press("Escape")
        elif way == "throw away":
            await widget.button("Throw the recording away").click()
        elif way == "close":
            await widget.launcher.click()
        elif way == "leave":
            await widget.page.evaluate("document.querySelector('voice-chat').remove()")
        elif way == "mode":
            await widget.page.get_by_label("v1").check()
        else:
            await widget.tell_track("ended")

        async def is_released() -> bool:
            return set(await widget.microphones()) == {"ended"}

        await eventually(is_released)


async def test_a_question_that_fails_has_released_the_microphone(chromium: Chromium) -> None:
    async with house(ears=doubles.Ears(ProviderTimeout("too slow"))) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.say(1)
        await expect(widget.panel.locator(".fault").last).to_contain_text("took too long")
        assert set(await widget.microphones()) == {"ended"}


async def test_what_could_not_be_heard_is_heard_at_a_press_without_being_said_again(
    chromium: Chromium,
) -> None:
    ears = doubles.Ears(ProviderTimeout("too slow"))
    async with house(ears=ears) as server:
        widget = await chromium.widget(f"{server.url}/?mode=v2")
        await widget.open()
        await widget.say(1)
        await expect(widget.panel.locator(".fault").last).to_contain_text("took too long")
        ears.words = "when are you open"
        await widget.panel.locator(".message").get_by_role("button", name="Try again").click()
        await expect(widget.questions).to_have_text(["You: when are you open"])
        await expect(widget.answers.last).to_contain_text("See you then!")
        await expect(widget.panel.locator(".message.assistant .fault")).to_be_hidden()
        assert len({recording.data for recording in ears.recordings}) == 1


@both_modes
async def test_the_bars_move_with_the_voice(chromium: Chromium, mode: str) -> None:
    async with house() as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}", "saturday.flac")
        await widget.open()
        bars = widget.panel.locator(".meter i")
        await widget.begin_recording()

        async def levels() -> list[float]:
            return await bars.evaluate_all("it => it.map(bar => +bar.style.getPropertyValue('--level'))")

        async def is_moving() -> bool:
            # Loud and soft, one after the other: what was drawn is the voice and no constant.
            seen = await levels()
            return max(seen) > 0.3 and len({level for level in seen if level}) > 10

        await eventually(is_moving)


async def test_a_recording_at_its_limit_is_sent(chromium: Chromium) -> None:
    ears = doubles.Ears("as long as it may be")
    async with house(ears=ears, limits_recording_seconds="1.5") as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.button("Speak your question").click()
        await expect(widget.questions.last).to_contain_text("as long as it may be")
        await expect(widget.notice).to_contain_text("at most 1.5 seconds")


async def test_a_server_without_ears_or_voice_offers_neither(chromium: Chromium) -> None:
    async with serving(doubles.engines(deaf=True, mute=True), doubles.Pages()) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("See you then!")
        await expect(widget.button("Speak your question")).to_be_hidden()
        await expect(widget.button("Answers by voice")).to_be_hidden()
        assert await widget.button("Listen").count() == 0
