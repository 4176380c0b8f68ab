"""Why a microphone can't be used: each cause by its name, and what helps."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests import doubles

from .conftest import Chromium
from .house import both_modes, house
from .widget import WATCH_MICROPHONE

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_visitor_who_refuses_the_microphone_is_told_why(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url, allow=False)
        await widget.open()
        await widget.button("Speak your question").click()
        await expect(widget.notice).to_contain_text("not allowed for this page")
        await expect(widget.field).to_be_focused()
        await widget.picture("microphone-refused")
        await widget.button("Close this note").click()
        await expect(widget.notice).to_be_hidden()


async def test_an_address_without_https_is_named_as_the_cause(chromium: Chromium) -> None:
    async with house() as server:
        port = server.url.rpartition(":")[2]
        flags = ("--host-resolver-rules=MAP shop.test 127.0.0.1",)
        widget = await chromium.widget(f"http://shop.test:{port}/", flags=flags)
        await widget.open()
        await widget.button("Speak your question").click()
        await expect(widget.notice).to_contain_text("https")
        await widget.picture("microphone-needs-https")


async def test_a_site_that_forbids_the_microphone_is_named_as_the_cause(chromium: Chromium) -> None:
    async with house() as server:
        body = f"<!doctype html><title>Shop</title><script async src={server.url}/chat.js></script>"
        async with chromium.site(body, {"Permissions-Policy": "microphone=()"}) as url:
            widget = await chromium.widget(url)
            await widget.open()
            await widget.button("Speak your question").click()
            await expect(widget.notice).to_contain_text("Permissions-Policy")


async def test_a_recorder_that_cannot_be_had_releases_the_microphone_and_says_so(chromium: Chromium) -> None:
    broken = "window.MediaRecorder = class { static isTypeSupported() { return false; } };"
    async with house() as server:
        widget = await chromium.widget(f"{server.url}/?mode=v1", before=WATCH_MICROPHONE + broken)
        await widget.open()
        await widget.button("Speak your question").click()
        await expect(widget.notice).to_contain_text("could not be started")
        await expect(widget.field).to_be_focused()
        assert await widget.microphone_tracks() == ["ended"]


@both_modes
async def test_a_microphone_that_is_unplugged_before_the_recording_began_is_missing(
    chromium: Chromium, mode: str
) -> None:
    unplug = """
      const own = AudioContext.prototype.createMediaStreamSource;
      AudioContext.prototype.createMediaStreamSource = function (stream) {
        const source = own.call(this, stream);
        for (const track of stream.getTracks()) {
          track.stop();
          track.dispatchEvent(new Event('ended'));
        }
        return source;
      };
    """
    ears = doubles.Ears()
    async with house(ears=ears) as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}", before=WATCH_MICROPHONE + unplug)
        await widget.open()
        await widget.button("Speak your question").click()
        await expect(widget.notice).to_contain_text("No microphone was found")
        await expect(widget.field).to_be_focused()
        await widget.ask("Typed")
        await expect(widget.answers.last).to_contain_text("See you then!")
        assert await widget.microphone_tracks() == ["ended"]
        assert await widget.questions.count() == 1
        assert ears.recordings == []


async def test_where_there_is_no_microphone_the_visitor_is_told_to_connect_one(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url, device=False)
        await widget.open()
        await widget.button("Speak your question").click()
        await expect(widget.notice).to_contain_text("No microphone was found")


async def test_a_microphone_that_another_program_holds_is_named_as_the_cause(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url, flags=("--fail-audio-stream-creation",))
        await widget.open()
        await widget.button("Speak your question").click()
        await expect(widget.notice).to_contain_text("Another program")


@pytest.mark.parametrize("allow", ["", "microphone"])
async def test_a_frame_without_leave_is_named_as_the_cause(chromium: Chromium, allow: str) -> None:
    async with house() as server:
        shop = f"<!doctype html><title>Shop</title><script async src={server.url}/chat.js></script>"
        async with chromium.site(shop) as inner:
            outer = f"<!doctype html><iframe src={inner} allow='{allow}' width=900 height=700></iframe>"
            async with chromium.site(outer) as url:
                page = await (await chromium.context()).new_page()
                await page.goto(url)
                frame = page.frame_locator("iframe")
                await frame.locator("voice-chat .launcher").click()
                await expect(frame.locator(".status")).to_have_text("Connected")
                await frame.get_by_role("button", name="Speak your question").click()
                if allow:
                    await expect(frame.get_by_role("timer")).to_have_text("0:01")
                else:
                    await expect(frame.locator(".notice p")).to_contain_text('allow="microphone"')


async def test_a_question_of_the_browser_that_nobody_answers_is_pointed_at(chromium: Chromium) -> None:
    hesitant = """
      const own = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wishes) => {
        await new Promise((resolve) => (window.allow = resolve));
        return own(wishes);
      };
    """
    async with house() as server:
        widget = await chromium.widget(server.url, before=hesitant)
        await widget.open()
        await widget.button("Speak your question").click()
        await expect(widget.recording_words).to_contain_text("Look near the address bar")
        await widget.picture("microphone-asking")
        await widget.page.evaluate("window.allow()")
        await widget.recorded(1)
        await expect(widget.recording_words).to_be_empty()
        await widget.page.keyboard.press("Escape")
        await widget.button("Speak your question").click()
        await widget.page.keyboard.press("Escape")
        await expect(widget.field).to_be_focused()
        await widget.page.evaluate("window.allow()")
        assert set(await widget.microphones()) == {"ended"}


async def test_without_its_worklet_a_recording_goes_out_in_a_container(chromium: Chromium) -> None:
    ears = doubles.Ears("in a container")
    async with house(ears=ears) as server:
        widget = await chromium.widget(f"{server.url}/?mode=v2")
        await widget.page.route("**/worklet-*.js", lambda route: route.abort())
        await widget.open()
        await widget.say(1)
        await expect(widget.questions.last).to_contain_text("in a container")
        assert set(await widget.microphones()) == {"ended"}
