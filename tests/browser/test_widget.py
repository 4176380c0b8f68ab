"""The widget's ways, with engines that do what the test says."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import expect

from tests import doubles
from tests.conftest import Server, serving
from voicechat.errors import NothingHeard, ProviderTimeout

from .conftest import Chromium
from .widget import WATCH_MICROPHONE, Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

both_modes = pytest.mark.parametrize("mode", ["v1", "v2"])


@contextlib.asynccontextmanager
async def house(
    brain: doubles.Brain | None = None,
    ears: doubles.Ears | None = None,
    voice: doubles.Voice | None = None,
    **settings: str,
) -> AsyncIterator[Server]:
    """A server with a page of its own and one suggested question."""
    voice = voice or doubles.Voice(ms_per_char=20)
    async with serving(doubles.engines(ears, brain, voice), doubles.Pages(), **settings) as server:
        yield server


LONG = doubles.Brain("From nine to six, ", "every day but Monday. ", "On Sunday from eleven.")


# ── Before the click, and opening ─────────────────────────────────────────────────────────────


async def test_before_the_click_there_is_one_request_no_storage_and_no_socket(chromium: Chromium) -> None:
    async with house() as server:
        body = f"<!doctype html><title>Shop</title><script async src={server.url}/chat.js></script>"
        async with chromium.site(body) as url:
            context = await chromium.context()
            widget = Widget(await context.new_page())
            requests: list[str] = []
            sockets: list[str] = []
            widget.page.on("request", lambda request: requests.append(request.url))
            widget.page.on("websocket", lambda socket: sockets.append(socket.url))
            await widget.page.goto(url)
            await widget.launcher.hover()
            await widget.launcher.focus()
            await widget.page.wait_for_load_state("networkidle")
            assert [request for request in requests if request.startswith(server.url)] == [
                f"{server.url}/chat.js"
            ]
            assert sockets == []
            stored = await widget.page.evaluate(
                "(async () => [localStorage.length, sessionStorage.length, document.cookie,"
                " (await indexedDB.databases()).length, (await caches.keys()).length])()"
            )
            assert stored == [0, 0, "", 0, 0]
            assert await context.cookies() == []
            names = await widget.page.evaluate("Object.keys(window).filter(it => /voice|chat/i.test(it))")
            assert names == []


async def test_opening_moves_the_focus_in_and_closing_gives_it_back(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await expect(widget.launcher).to_have_attribute("aria-expanded", "false")
        await widget.open()
        await expect(widget.launcher).to_have_attribute("aria-expanded", "true")
        await expect(widget.field).to_be_focused()
        await expect(widget.panel).to_have_accessible_name("Assistant")
        await widget.page.keyboard.press("Escape")
        await expect(widget.panel).to_be_hidden()
        await expect(widget.launcher).to_be_focused()
        await widget.page.keyboard.press("Enter")
        await expect(widget.field).to_be_focused()
        await widget.button("Close the chat").click()
        await expect(widget.launcher).to_be_focused()


async def test_the_page_can_be_used_beside_the_open_chat(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.page.get_by_role("button", name="Copy").click()
        await expect(widget.panel).to_be_visible()


async def test_everything_that_can_be_pressed_has_a_name(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("Hi")
        await expect(widget.button("Listen")).to_be_visible()
        for control in await widget.panel.locator("button:visible, textarea:visible, a:visible").all():
            await expect(control).to_have_accessible_name(re.compile(".+"))
        await expect(widget.panel.get_by_role("log", name="Messages")).to_have_attribute("aria-live", "off")


async def test_answers_are_announced_by_whole_sentences(chromium: Chromium) -> None:
    async with house(doubles.Brain("From ", "nine to", " six. See", " you!")) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.page.evaluate(
            """() => {
              window.announced = [];
              const { shadowRoot } = document.querySelector('voice-chat');
              const region = shadowRoot.querySelector('[aria-live=polite]');
              new MutationObserver((changes) => changes.forEach(({ addedNodes }) =>
                addedNodes.forEach((node) => window.announced.push(node.textContent)),
              )).observe(region, { childList: true });
            }"""
        )
        await widget.ask("When?")

        async def is_all() -> bool:
            return len(await widget.page.evaluate("window.announced")) == 2

        await eventually(is_all)
        assert await widget.page.evaluate("window.announced") == ["From nine to six.", "See you!"]


# ── Asking ────────────────────────────────────────────────────────────────────────────────────


async def test_enter_sends_and_shift_enter_is_a_new_line(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.field.press_sequentially("one")
        await widget.field.press("Shift+Enter")
        await widget.field.press_sequentially("two")
        await expect(widget.field).to_have_value("one\ntwo")
        await widget.field.press("Enter")
        await expect(widget.field).to_have_value("")
        await expect(widget.questions).to_have_text(["You: one\ntwo"])


async def test_enter_that_ends_a_composition_does_not_send(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        session = await widget.page.context.new_cdp_session(widget.page)
        await session.send(
            "Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3}
        )
        await widget.field.dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "isComposing": True})
        await session.send("Input.insertText", {"text": "日本"})
        await expect(widget.field).to_have_value("日本")
        assert await widget.questions.count() == 0
        await widget.field.press("Enter")
        await expect(widget.questions).to_have_text(["You: 日本"])


async def test_a_text_over_the_limit_is_kept_and_not_sent(chromium: Chromium) -> None:
    async with house(limits_text_chars="20") as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.field.fill("x" * 17)
        await expect(widget.hint).to_have_text("3 characters left")
        await widget.field.fill("x" * 22)
        await expect(widget.hint).to_have_text("2 characters too many")
        await widget.field.press("Enter")
        await expect(widget.field).to_have_value("x" * 22)
        await widget.picture("too-long")
        await widget.field.fill("😀" * 20)
        await widget.field.press("Enter")
        await expect(widget.questions).to_have_text([f"You: {'😀' * 20}"])


@both_modes
async def test_what_the_bot_does_is_said_while_one_waits(chromium: Chromium, mode: str) -> None:
    gate = asyncio.Semaphore(0)
    async with house(doubles.Brain("Here ", "it is.", gate=gate)) as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}")
        await widget.open()
        await widget.ask("Where?")
        await expect(widget.answers.last).to_contain_text("Thinking")
        await widget.picture(f"{mode}-thinking")
        gate.release()
        if mode == "v2":
            await expect(widget.answers.last).to_have_text("Assistant: Here ")
        gate.release()
        await expect(widget.answers.last).to_contain_text("it is.")


@both_modes
async def test_a_question_that_fails_says_so(chromium: Chromium, mode: str) -> None:
    async with house(doubles.Brain(ProviderTimeout("too slow"))) as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}")
        await widget.open()
        await widget.ask("Where?")
        await expect(widget.panel.locator(".fault").last).to_contain_text("took too long")
        await widget.picture(f"{mode}-failed")


@both_modes
async def test_nothing_heard_is_said_in_words_that_help(chromium: Chromium, mode: str) -> None:
    async with house(ears=doubles.Ears(NothingHeard("nothing"))) as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}")
        await widget.open()
        await widget.say(1)
        await expect(widget.questions.last).to_contain_text("Nothing was heard")
        await expect(widget.panel.locator(".fault").last).to_contain_text("closer to the microphone")
        await widget.picture(f"{mode}-nothing-heard")


@both_modes
async def test_stopping_before_the_first_word_stops_the_engine(chromium: Chromium, mode: str) -> None:
    brain = doubles.Brain("never", gate=asyncio.Semaphore(0))
    async with house(brain) as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}")
        await widget.open()
        await widget.ask("Where?")
        await expect(widget.answers.last).to_contain_text("Thinking")
        await widget.button("Stop the answer").click()
        await expect(widget.answers.last).to_contain_text("Stopped.")
        if mode == "v2":
            # In v1 a question with a key goes on for a bounded time, so that a resend finds its answer.
            await asyncio.wait_for(brain.closed.wait(), 5)


# ── Sound ─────────────────────────────────────────────────────────────────────────────────────


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
            if text and head is not None:
                lengths.append(len(text))
                # Whole words, and at most the one that is being spoken ahead of the voice.
                assert len(text) <= head / 60 + 20
            return text.startswith("From nine") and "eleven" in text

        await eventually(is_written)
        assert len(set(lengths)) > 5
        assert lengths == sorted(lengths)


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


async def test_closing_the_chat_ends_the_sound(chromium: Chromium) -> None:
    async with house(LONG, voice=doubles.Voice(ms_per_char=100)) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        await widget.page.keyboard.press("Escape")
        await widget.silent()


# ── The microphone ────────────────────────────────────────────────────────────────────────────


@both_modes
async def test_escape_throws_the_recording_away(chromium: Chromium, mode: str) -> None:
    ears = doubles.Ears()
    async with house(ears=ears) as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}", before=WATCH_MICROPHONE)
        await widget.open()
        await widget.begin_recording()
        assert await widget.microphone_tracks() == ["live"]
        await widget.page.keyboard.press("Escape")
        await expect(widget.field).to_be_focused()
        assert await widget.microphone_tracks() == ["ended"]
        assert await widget.questions.count() == 0
        await expect(widget.panel).to_be_visible()
        await widget.ask("Typed")
        await expect(widget.answers.last).to_contain_text("See you then!")
        assert ears.recordings == []


@pytest.mark.parametrize("way", ["close", "leave", "mode"])
async def test_whatever_happens_the_microphone_is_released(chromium: Chromium, way: str) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url, before=WATCH_MICROPHONE)
        await widget.open()
        await widget.begin_recording()
        if way == "close":
            await widget.launcher.click()
        elif way == "leave":
            await widget.page.evaluate("document.querySelector('voice-chat').remove()")
        else:
            await widget.page.get_by_label("v1").check()

        async def is_released() -> bool:
            return await widget.microphone_tracks() == ["ended"]

        await eventually(is_released)


async def test_a_recording_at_its_limit_is_sent(chromium: Chromium) -> None:
    ears = doubles.Ears("as long as it may be")
    async with house(ears=ears, limits_recording_seconds="1.5") as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.button("Speak your question").click()
        await expect(widget.questions.last).to_contain_text("as long as it may be")
        await expect(widget.notice).to_contain_text("at most 1.5 seconds")


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


async def test_a_server_without_ears_or_voice_offers_neither(chromium: Chromium) -> None:
    async with serving(doubles.engines(deaf=True, mute=True), doubles.Pages()) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("See you then!")
        await expect(widget.button("Speak your question")).to_be_hidden()
        await expect(widget.button("Answers by voice")).to_be_hidden()
        assert await widget.button("Listen").count() == 0


# ── One chat, several pages ───────────────────────────────────────────────────────────────────


@both_modes
async def test_a_reload_shows_the_chat_again(chromium: Chromium, mode: str) -> None:
    async with house() as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}")
        await widget.open()
        await widget.ask("First?")
        await expect(widget.answers.last).to_contain_text("See you then!")
        await expect(widget.button("Listen")).to_be_visible()
        await widget.page.reload()
        await widget.open()
        await expect(widget.questions).to_have_text(["You: First?"])
        await expect(widget.answers.last).to_contain_text("See you then!")
        await widget.ask("Second?")
        await expect(widget.questions).to_have_text(["You: First?", "You: Second?"])
        await expect(widget.answers.last).to_contain_text("See you then!")


async def test_a_reload_in_the_middle_of_an_answer_goes_on_with_it(chromium: Chromium) -> None:
    gate = asyncio.Semaphore(1)
    async with house(doubles.Brain("Here ", "it is.", gate=gate)) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("Where?")
        await expect(widget.answers.last).to_contain_text("Here")
        await widget.page.reload()
        await widget.open()
        await expect(widget.answers.last).to_contain_text("Here")
        gate.release()
        await expect(widget.answers.last).to_contain_text("Here it is.")
        assert await widget.answers.count() == 1


async def test_two_pages_of_one_chat_see_the_same(chromium: Chromium) -> None:
    async with house() as server:
        context = await chromium.context()
        one = Widget(await context.new_page())
        await one.page.goto(server.url)
        await one.open()
        await one.ask("First?")
        await expect(one.answers.last).to_contain_text("See you then!")
        kept = await one.page.evaluate("JSON.stringify({ ...sessionStorage })")
        other = Widget(await context.new_page())
        await other.page.add_init_script(f"Object.assign(sessionStorage, JSON.parse({kept!r}))")
        await other.page.goto(server.url)
        await other.open()
        await expect(other.questions).to_have_text(["You: First?"])
        await one.ask("Second?")
        await expect(other.questions).to_have_text(["You: First?", "You: Second?"])
        await expect(other.answers.last).to_contain_text("See you then!")
        assert await other.element("playhead") is None


async def test_the_mode_can_be_changed_in_the_middle_of_a_chat(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(f"{server.url}/?mode=v1")
        await widget.open()
        for number, mode in enumerate(["v1", "v2", "v1", "v2"], 1):
            await widget.page.get_by_label(mode).check()
            await expect(widget.status).to_have_text("Connected")
            assert f"mode={mode}" in widget.page.url
            await widget.ask(f"Question {number}?")
            await expect(widget.answers).to_have_count(number)
            await expect(widget.answers.last).to_contain_text("See you then!")
            await expect(widget.questions).to_have_count(number)


@pytest.mark.parametrize("modes", [("v1", "v2"), ("v2", "v1")])
async def test_a_question_under_way_survives_a_change_of_mode(
    chromium: Chromium, modes: tuple[str, str]
) -> None:
    gate = asyncio.Semaphore(0)
    brain = doubles.Brain("Here ", "it is.", gate=gate)
    async with house(brain) as server:
        widget = await chromium.widget(f"{server.url}/?mode={modes[0]}")
        await widget.open()
        await widget.ask("Where?")
        await expect(widget.answers.last).to_contain_text("Thinking")
        await widget.page.get_by_label(modes[1]).check()
        await expect(widget.status).to_have_text("Connected")
        gate.release()
        gate.release()
        await expect(widget.answers).to_have_text(["Assistant: Here it is."])
        assert len(brain.prompts) == 1


async def test_a_chat_that_was_forgotten_begins_anew_and_says_so(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await widget.page.evaluate(
            "url => sessionStorage.setItem(`voicechat ${url}/`, JSON.stringify({ chat: 'c_gone.secret' }))",
            server.url,
        )
        await widget.page.reload()
        await widget.open()
        await widget.ask("Anybody there?")
        await expect(widget.answers.last).to_contain_text("See you then!")


# ── How it looks ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_phone_it_fills_the_screen_and_is_modal(chromium: Chromium, scheme: str) -> None:
    phone: dict[str, Any] = {
        "viewport": {"width": 390, "height": 780},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
        "color_scheme": scheme,
    }
    async with house(LONG) as server:
        widget = await chromium.widget(server.url, **phone)
        await widget.picture(f"phone-{scheme}-closed")
        await widget.open()

        async def fills() -> bool:
            box = await widget.panel.bounding_box()
            return box == {"x": 0, "y": 0, "width": 390, "height": 780}

        await eventually(fills)
        assert await widget.panel.evaluate("it => it.matches(':modal')")
        await widget.picture(f"phone-{scheme}-opened")
        await widget.field.tap()
        await widget.ask("When are you open?")
        await expect(widget.answers.last).to_contain_text("eleven")
        await widget.picture(f"phone-{scheme}-answered")


async def test_dark_mode_follows_the_system_or_the_site(chromium: Chromium) -> None:
    async with house(LONG) as server:
        widget = await chromium.widget(server.url, color_scheme="dark")
        await widget.open()
        await widget.ask("When are you open?")
        await expect(widget.answers.last).to_contain_text("eleven")
        await widget.picture("dark-answered")
        background = "it => getComputedStyle(it).backgroundColor"
        assert await widget.panel.evaluate(background) == "rgb(23, 28, 27)"
        await widget.page.evaluate("document.querySelector('voice-chat').dataset.theme = 'light'")
        assert await widget.panel.evaluate(background) == "rgb(255, 255, 255)"


async def test_forced_colours_keep_every_border(chromium: Chromium) -> None:
    async with house(LONG) as server:
        widget = await chromium.widget(server.url, forced_colors="active")
        await widget.open()
        await widget.ask("When are you open?")
        await expect(widget.answers.last).to_contain_text("eleven")
        border = await widget.answers.last.evaluate("it => getComputedStyle(it).borderTopStyle")
        assert border == "solid"
        await widget.picture("forced-colours")


async def test_a_hostile_style_of_the_host_does_not_get_in(chromium: Chromium) -> None:
    style = (
        "<style>*{all:revert!important;letter-spacing:9px;text-transform:uppercase;font-size:40px}"
        "button{padding:33px!important;background:red!important}div{display:none!important}</style>"
    )
    async with house() as server:
        body = f"<!doctype html><title>Shop</title>{style}<script async src={server.url}/chat.js></script>"
        async with chromium.site(body) as url:
            widget = await chromium.widget(url)
            await widget.open()
            shown = await widget.panel.evaluate(
                "it => { const style = getComputedStyle(it);"
                " return [style.letterSpacing, style.textTransform, it.clientWidth]; }"
            )
            assert shown == ["normal", "none", 402]
            box = await widget.launcher.bounding_box()
            assert box is not None and (box["width"], box["height"]) == (60, 60)


async def test_the_tag_takes_title_accent_side_and_language(chromium: Chromium) -> None:
    async with house() as server:
        body = (
            "<!doctype html><title>Shop</title>"
            f"<script async src={server.url}/chat.js data-title='Ask Nora' data-accent='#ffd400'"
            " data-position=start data-lang=en data-open></script>"
        )
        async with chromium.site(body) as url:
            widget = await chromium.widget(url)
            await expect(widget.panel).to_have_accessible_name("Ask Nora")
            colors = await widget.launcher.evaluate(
                "it => [getComputedStyle(it).backgroundColor, getComputedStyle(it).color]"
            )
            assert colors == ["rgb(255, 212, 0)", "rgb(0, 0, 0)"]
            box = await widget.launcher.bounding_box()
            assert box is not None and box["x"] == 24
            # Opened without a click: the first one lets it sound.
            await widget.button("When are you open?").click()
            await eventually(lambda: widget.element("playhead"))
            await widget.picture("accent-and-side")


async def test_the_element_works_like_the_tag_and_tells_what_happens(chromium: Chromium) -> None:
    async with house() as server:
        body = (
            "<!doctype html><title>Shop</title><script>window.told = [];"
            "for (const name of ['open', 'close', 'message', 'status'])"
            " addEventListener(`voicechat:${name}`, ({ detail }) =>"
            " told.push(`${name} ${detail.state ?? detail.text ?? ''}`.trim()));</script>"
            f"<voice-chat server={server.url} data-mode=v1></voice-chat>"
            f"<script async src={server.url}/chat.js></script>"
        )
        async with chromium.site(body) as url:
            widget = await chromium.widget(url)
            await widget.open()
            assert await widget.page.locator("voice-chat").count() == 1
            await widget.page.evaluate("document.querySelector('voice-chat').send('Hi')")
            await expect(widget.answers.last).to_contain_text("See you then!")
            await widget.button("Close the chat").click()
            told = await widget.page.evaluate("window.told")
            assert told == [
                "status connecting",
                "open",
                "status connecting",
                "status connected",
                "message Hi",
                "message From nine to six. See you then!",
                "close",
            ]
