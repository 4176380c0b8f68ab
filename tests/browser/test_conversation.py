"""Real speech, real engines: from the click on the launcher to the answer on the screen and its sound."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.conftest import serving
from tests.scripted_openai import ANSWER, TRANSCRIPT, scripted_openai

from .conftest import Chromium, Served
from .house import both_modes
from .widget import WATCH_MICROPHONE

pytestmark = pytest.mark.asyncio(loop_scope="session")


@both_modes
async def test_a_typed_question_is_answered_in_text_and_voice(
    chromium: Chromium, bot: Served, mode: str
) -> None:
    widget = await chromium.widget(f"{bot.url}/?mode={mode}")
    sockets: list[str] = []
    widget.page.on("websocket", lambda socket: sockets.append(socket.url))
    await widget.open()
    await widget.picture(f"{mode}-opened")
    await widget.ask("When are you open on Saturday?")
    await expect(widget.questions.last).to_contain_text("When are you open on Saturday?")
    level = await widget.sounding()
    await widget.picture(f"{mode}-answer-sounds")
    await expect(widget.answers.last).to_contain_text("17:00")
    await widget.silent()
    await expect(widget.sources.first).to_have_attribute("href", f"{bot.url}/hours")
    assert await widget.sources.first.get_attribute("target") is None
    await widget.picture(f"{mode}-answered")
    assert len(sockets) == (1 if mode == "v2" else 0)
    assert not widget.console
    print(f"{mode}: the answer's loudness was {level:.3f}")


@both_modes
async def test_a_spoken_question_is_answered_in_text_and_voice(
    chromium: Chromium, bot: Served, mode: str
) -> None:
    widget = await chromium.widget(f"{bot.url}/?mode={mode}", "saturday.flac", before=WATCH_MICROPHONE)
    await widget.open()
    await widget.begin_recording(3)
    await widget.picture(f"{mode}-recording")
    await widget.recorded(4)
    await widget.button("Send the recording").click()
    await expect(widget.questions.last).to_contain_text("When are you open on Saturday?")
    await widget.sounding()
    await expect(widget.answers.last).to_contain_text("17:00")
    assert await widget.microphone_tracks() == ["ended"]
    await widget.picture(f"{mode}-spoken-and-answered")
    assert not widget.console


@both_modes
async def test_an_answer_is_stopped_and_heard_again(chromium: Chromium, bot: Served, mode: str) -> None:
    widget = await chromium.widget(f"{bot.url}/?mode={mode}")
    await widget.open()
    await widget.ask("When are you open?")
    await widget.sounding()
    await widget.button("Stop the answer").click()
    await widget.silent()
    if mode == "v2":
        await expect(widget.panel.locator(".unheard").last).to_contain_text("Sunday")
        await widget.picture("v2-stopped")
    else:
        await expect(widget.answers.last).to_contain_text("Sunday")
    await widget.button("Listen").click()
    await widget.sounding()
    await widget.button("Stop").click()
    await widget.silent()
    await expect(widget.button("Listen")).to_be_visible()


@both_modes
async def test_the_same_widget_talks_with_a_provider_behind_the_server(chromium: Chromium, mode: str) -> None:
    async with scripted_openai() as provider:
        addresses = {f"{job}_base_url": provider.url for job in ("stt", "chat", "tts")}
        async with serving(as_configured=True, **addresses) as server:
            widget = await chromium.widget(f"{server.url}/?mode={mode}", "saturday.flac")
            await widget.open()
            await widget.say(2)
            await expect(widget.questions.last).to_have_text(f"You: {TRANSCRIPT}")
            await widget.sounding()
            await expect(widget.answers.last).to_have_text(f"Assistant: {''.join(ANSWER)}")


async def test_where_the_worklet_fails_speech_goes_as_opus(chromium: Chromium, bot: Served) -> None:
    widget = await chromium.widget(f"{bot.url}/?mode=v2", "saturday.flac")
    await widget.page.route("**/widget/worklet-*", lambda route: route.abort())
    await widget.open()
    await widget.say()
    await expect(widget.questions.last).to_contain_text("When are you open on Saturday?")
    await widget.sounding()


@both_modes
async def test_a_page_of_another_origin_needs_two_words_of_policy(
    chromium: Chromium, bot: Served, mode: str
) -> None:
    policy = (
        f"default-src 'none'; script-src {bot.url}; connect-src {bot.url} {bot.url.replace('http', 'ws')}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    body = (
        "<!doctype html><html lang=en><title>A shop</title><h1>A shop</h1>"
        f"<script async src={bot.url}/chat.js data-mode={mode}></script>"
    )
    async with chromium.site(body, {"Content-Security-Policy": policy}) as url:
        widget = await chromium.widget(url, "saturday.flac")
        await widget.open()
        assert await widget.launcher.evaluate("it => getComputedStyle(it).borderRadius") == "50%"
        assert await widget.panel.evaluate("it => getComputedStyle(it).display") == "flex"
        await widget.say()
        await expect(widget.questions.last).to_contain_text("When are you open on Saturday?")
        await widget.sounding()
        await expect(widget.answers.last).to_contain_text("17:00")
        await widget.picture(f"{mode}-strict-policy")
        assert await widget.violations() == []
        requests = await widget.page.evaluate("performance.getEntriesByType('resource').map(it => it.name)")
        assert all(request.startswith(bot.url) for request in requests)
