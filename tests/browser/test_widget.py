"""The widget's ways, with engines that do what the test says."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from tests import doubles
from voicechat.errors import NothingHeard, ProviderTimeout

from .conftest import Chromium
from .house import both_modes, house
from .widget import Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

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


async def test_an_element_that_is_removed_while_it_loads_leaves_nothing_behind(chromium: Chromium) -> None:
    watch = """
      window.asked = [];
      const own = fetch;
      window.fetch = (...request) => (window.asked.push(request[0]), own(...request));
      window.WebSocket = class extends WebSocket {
        constructor(url) {
          super(url);
          window.asked.push(url);
        }
      };
    """
    async with house() as server:
        body = f"<!doctype html><title>Shop</title><script async src={server.url}/chat.js></script>"
        async with chromium.site(body) as url:
            widget = await chromium.widget(url, before=watch)
            arrived, leave = asyncio.Event(), asyncio.Event()

            async def hold(route: Route) -> None:
                arrived.set()
                await leave.wait()
                await route.continue_()

            await widget.page.route("**/widget/app-*", hold)
            await widget.page.evaluate(
                "() => { window.chat = document.querySelector('voice-chat'); window.opened = chat.open(); }"
            )
            await arrived.wait()
            await widget.page.evaluate("chat.remove()")
            leave.set()
            await widget.page.evaluate("window.opened")
            assert await widget.page.evaluate("window.asked") == []
            assert not await widget.page.evaluate("chat.isOpen")
            await widget.page.evaluate("document.body.append(chat)")
            await widget.open()
            socket = server.url.replace("http", "ws") + "/ws"
            assert await widget.page.evaluate("window.asked") == [f"{server.url}/api/config", socket]


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


@both_modes
async def test_tapping_a_suggestion_asks_it(chromium: Chromium, mode: str) -> None:
    async with house() as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}", has_touch=True)
        await widget.open()
        await widget.button("When are you open?").tap()
        await expect(widget.questions).to_have_text(["You: When are you open?"])
        await expect(widget.answers.last).to_contain_text("See you then!")
        await expect(widget.field).to_have_value("")


async def test_what_is_asked_otherwise_leaves_a_draft_alone(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.field.fill("I was just wri")
        await widget.button("When are you open?").click()
        await expect(widget.questions).to_have_text(["You: When are you open?"])
        await widget.page.evaluate("document.querySelector('voice-chat').send('And where?')")
        await expect(widget.questions).to_have_text(["You: When are you open?", "You: And where?"])
        await expect(widget.field).to_have_value("I was just wri")
        await widget.field.press("Enter")
        await expect(widget.questions.last).to_have_text("You: I was just wri")


async def test_what_is_asked_otherwise_without_a_connection_goes_out_when_there_is_one(
    chromium: Chromium,
) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await widget.page.route("**/api/config", lambda route: route.abort())
        await widget.launcher.click()
        await expect(widget.status).to_have_text(re.compile(r"Reconnecting in \d+ s"))
        await widget.page.evaluate("document.querySelector('voice-chat').send('First?')")
        await widget.page.evaluate("document.querySelector('voice-chat').send('Second?')")
        await expect(widget.questions).to_have_text(["You: First?", "You: Second?"])
        await widget.page.unroute("**/api/config")
        answered = widget.panel.locator(".message.assistant[data-status=complete]")
        await expect(answered).to_have_count(2)
        await expect(widget.questions).to_have_text(["You: First?", "You: Second?"])
        await expect(widget.field).to_have_value("")


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
        await widget.field.fill("x" * 19)
        await expect(widget.hint).to_have_text("1 character left")
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
        await asyncio.wait_for(brain.closed.wait(), 5)


async def test_in_mode_v1_a_question_after_a_stop_goes_out_at_once_under_a_higher_turn(
    chromium: Chromium,
) -> None:
    brain = doubles.Brain("never", gate=asyncio.Semaphore(0))
    async with house(brain) as server:
        widget = await chromium.widget(f"{server.url}/?mode=v1")
        await widget.open()
        async with widget.page.expect_request("**/api/message") as first:
            await widget.ask("Where?")
        await expect(widget.answers.last).to_contain_text("Thinking")
        await widget.button("Stop the answer").click()
        await expect(widget.answers.last).to_contain_text("Stopped.")
        async with widget.page.expect_request("**/api/message") as second:
            await widget.ask("And when?")
        keys = [(await request.value).headers["idempotency-key"] for request in (first, second)]
        (tab, turn), (same_tab, next_turn) = (key.split(":") for key in keys)
        assert same_tab == tab
        assert int(next_turn) > int(turn)

        async def is_thought_about() -> bool:
            return len(brain.prompts) == 2

        await eventually(is_thought_about)


# ── The tag and the element ──────────────────────────────────────────────────────────────────


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
                "status connected",
                "message Hi",
                "message From nine to six. See you then!",
                "close",
            ]
