"""From the click on the launcher to the answer on the screen and its sound, in both modes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.async_api import expect

from .conftest import Chromium, Served
from .widget import WATCH_MICROPHONE, Widget

both_modes = pytest.mark.parametrize("mode", ["v1", "v2"])


async def transport(widget: Widget) -> list[str]:
    """Return the addresses that the page has asked for answers."""
    return [url async for url in _requests(widget)]


async def _requests(widget: Widget):  # type: ignore[no-untyped-def]
    entries = await widget.page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    for entry in entries:
        yield entry


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
    await expect(widget.sources.first).to_have_attribute("href", "/hours")
    await widget.picture(f"{mode}-answered")
    assert len(sockets) == (1 if mode == "v2" else 0)
    assert not widget.console
    print(f"{mode}: the answer's loudness was {level:.3f}")


@both_modes
async def test_a_spoken_question_is_answered_in_text_and_voice(
    chromium: Chromium, bot: Served, mode: str
) -> None:
    widget = await chromium.widget(f"{bot.url}/?mode={mode}", "saturday.flac")
    await widget.page.add_init_script(WATCH_MICROPHONE)
    await widget.page.reload()
    await widget.open()
    await widget.begin_recording(3)
    await widget.picture(f"{mode}-recording")
    await expect(widget.panel.get_by_role("timer")).to_have_text("0:04")
    await widget.button("Send the recording").click()
    await expect(widget.questions.last).to_contain_text("When are you open on Saturday?")
    await widget.sounding()
    await expect(widget.answers.last).to_contain_text("17:00")
    assert await widget.microphone_tracks() == ["ended"]
    await widget.silent()
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
async def test_a_muted_answer_is_there_at_once_and_makes_no_sound(
    chromium: Chromium, bot: Served, mode: str
) -> None:
    widget = await chromium.widget(f"{bot.url}/?mode={mode}")
    await widget.open()
    await widget.button("Answers by voice").click()
    await expect(widget.button("Answers by voice")).to_have_attribute("aria-pressed", "false")
    await widget.ask("When are you open?")
    await expect(widget.answers.last).to_contain_text("Sunday")
    assert await widget.element("level") < 0.001
    assert await widget.element("playhead") is None
    await widget.picture(f"{mode}-muted")


async def test_muting_silences_what_sounds(chromium: Chromium, bot: Served) -> None:
    widget = await chromium.widget(bot.url)
    await widget.open()
    await widget.ask("When are you open?")
    await widget.sounding()
    await widget.button("Answers by voice").click()

    async def is_quiet() -> bool:
        return bool(await widget.element("level") < 0.001)

    from .widget import eventually

    await eventually(is_quiet)


async def test_mode_v1_writes_the_answer_out_while_it_is_spoken(chromium: Chromium, bot: Served) -> None:
    widget = await chromium.widget(f"{bot.url}/?mode=v1")
    await widget.open()
    await widget.ask("When are you open?")
    await widget.sounding()
    begun = await widget.answers.last.inner_text()
    assert "Sunday" not in begun
    await widget.silent()
    await expect(widget.answers.last).to_contain_text("Sunday")


async def test_a_visitor_who_wants_less_motion_has_the_answer_at_once(
    chromium: Chromium, bot: Served
) -> None:
    widget = await chromium.widget(f"{bot.url}/?mode=v1", reduced_motion="reduce")
    await widget.open()
    await widget.ask("When are you open?")
    await expect(widget.answers.last).to_contain_text("Sunday")
    assert await widget.element("playhead") is not None


async def test_the_writing_effect_can_be_switched_off(
    chromium: Chromium, start: Callable[..., Served]
) -> None:
    quiet = start(writing_effect="false", stt_engine="none")
    widget = await chromium.widget(f"{quiet.url}/?mode=v1")
    await widget.open()
    await widget.ask("When are you open?")
    await expect(widget.answers.last).to_contain_text("Sunday")
    assert await widget.element("playhead") is not None


async def test_where_the_worklet_fails_speech_goes_as_opus(chromium: Chromium, bot: Served) -> None:
    widget = await chromium.widget(f"{bot.url}/?mode=v2", "shipping.flac")
    await widget.page.route("**/widget/worklet-*", lambda route: route.abort())
    await widget.open()
    await widget.say()
    await expect(widget.questions.last).to_contain_text("How much does shipping cost?")
    await widget.sounding()


async def test_a_suggested_question_is_asked_by_a_tap(chromium: Chromium, bot: Served) -> None:
    widget = await chromium.widget(bot.url)
    await widget.open()
    await widget.button("When are you open?").click()
    await expect(widget.answers.last).to_contain_text("Sunday")
    await expect(widget.button("Which teas have no caffeine?")).to_be_hidden()


async def test_the_mode_can_be_changed_in_the_middle_of_a_chat(chromium: Chromium, bot: Served) -> None:
    widget = await chromium.widget(f"{bot.url}/?mode=v1")
    await widget.open()
    await widget.ask("When are you open?")
    await widget.sounding()
    await widget.page.get_by_label("v2").check()
    await expect(widget.status).to_have_text("Connected")
    assert await widget.element("mode") == "v2"
    assert "mode=v2" in widget.page.url
    await widget.ask("Do you ship to Switzerland?")
    await expect(widget.answers.last).to_contain_text("Switzerland")
    assert await widget.questions.count() == 2
    assert await widget.answers.count() == 2
    await widget.page.get_by_label("v1").check()
    await expect(widget.status).to_have_text("Connected")
    await widget.ask("Do you sell gift cards?")
    await expect(widget.answers.last).to_contain_text("ard")
    assert await widget.questions.count() == 3
    assert await widget.answers.count() == 3


@both_modes
async def test_a_reload_shows_the_chat_again(chromium: Chromium, bot: Served, mode: str) -> None:
    widget = await chromium.widget(f"{bot.url}/?mode={mode}")
    await widget.open()
    await widget.ask("When are you open?")
    await expect(widget.answers.last).to_contain_text("Sunday")
    await widget.sounding()
    await widget.silent()
    await widget.page.reload()
    await widget.open()
    await expect(widget.questions).to_have_text(["You: When are you open?"])
    await expect(widget.answers.last).to_contain_text("Sunday")
    await expect(widget.sources.first).to_have_attribute("href", "/hours")
    await widget.ask("Do you ship to Switzerland?")
    await expect(widget.answers.last).to_contain_text("Switzerland")
    assert await widget.questions.count() == 2


async def test_two_pages_of_one_chat_see_the_same(chromium: Chromium, bot: Served) -> None:
    context = await chromium.context()
    one = Widget(await context.new_page())
    await one.page.goto(bot.url)
    await one.open()
    await one.ask("When are you open?")
    await expect(one.answers.last).to_contain_text("Sunday")
    kept = await one.page.evaluate("JSON.stringify(Object.fromEntries(Object.entries(sessionStorage)))")
    other = Widget(await context.new_page())
    await other.page.add_init_script(f"Object.assign(sessionStorage, JSON.parse({kept!r}))")
    await other.page.goto(bot.url)
    await other.open()
    await expect(other.answers.last).to_contain_text("Sunday")
    await one.ask("Do you ship to Switzerland?")
    await expect(other.questions.last).to_contain_text("Switzerland")
    await expect(other.answers.last).to_contain_text("Switzerland")
    assert await other.element("playhead") is None
