"""What a page's script gets back: the conversation; how it records, and how all of it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests import doubles

from .conftest import Chromium
from .house import both_modes, house
from .layouts import another_site, shop, told
from .widget import WATCH_MICROPHONE, WATCH_SOUND, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANSWER = "From nine to six. See you then!"

TYPES = Path(__file__).parents[2] / "web" / "voicechat.d.ts"


async def test_the_conversation_is_given_as_a_text_and_as_json(chromium: Chromium) -> None:
    async with house() as server, shop(chromium, server) as widget:
        export = "(format) => document.querySelector('voice-chat').export(format)"
        assert await widget.page.evaluate(export) is None
        await widget.page.evaluate("document.querySelector('voice-chat').send('When?')")
        await expect(widget.button("Copy all")).to_be_visible()
        text = f"You: When?\n\nAssistant: {ANSWER}\n"
        assert await widget.page.evaluate(export) == await widget.page.evaluate(export, "txt") == text
        question, answer = json.loads(await widget.page.evaluate(export, "json"))
        now = await widget.page.evaluate("Date.now() / 1000")
        assert 0 <= now - question.pop("at") < 60
        assert question == {
            "n": 1,
            "role": "user",
            "text": "When?",
            "status": "complete",
            "spoken": False,
            "rating": None,
            "sources": [],
        }
        assert (answer["n"], answer["role"], answer["text"]) == (2, "assistant", ANSWER)


async def test_a_destroyed_chat_leaves_nothing_behind(chromium: Chromium) -> None:
    watch = (
        WATCH_SOUND
        + """
      window.sockets = [];
      const Socket = WebSocket;
      window.WebSocket = class extends Socket {
        constructor(...address) { super(...address); sockets.push(this); }
      };
    """
    )
    async with house(voice=doubles.Voice(ms_per_char=100)) as server:
        widget = await chromium.widget(f"{server.url}/?mode=v2", before=watch)
        await widget.open()
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        await widget.page.evaluate("window.chat = document.querySelector('voice-chat'); chat.destroy()")
        await expect(widget.page.locator("voice-chat")).to_have_count(0)
        states = "[...contexts.map(({ state }) => state), ...sockets.map(({ readyState }) => readyState > 1)]"
        await eventually(
            lambda: widget.page.evaluate(f"{states}.every((state) => state === 'closed' || state === true)")
        )
        # What is said to it now, or done to its attributes, reaches nobody.
        await widget.page.evaluate("chat.dataset.mode = 'v3'; chat.suggest(['Who?']); chat.interrupt();")
        assert await widget.page.evaluate("chat.shadowRoot.querySelectorAll('.panel').length") == 0
        assert widget.warnings == []
        await widget.page.evaluate("document.body.append(chat)")
        await widget.open()
        await expect(widget.questions).to_have_count(1)


async def test_an_element_has_every_member_that_its_types_name(chromium: Chromium) -> None:
    body = re.search(r"interface VoiceChatElement .*?\{\n(.*?)\n\}", TYPES.read_text(), re.DOTALL)
    assert body
    names = re.findall(r"^  (?:readonly )?(\w+)[(:]", body[1], re.MULTILINE)
    async with house() as server, shop(chromium, server) as widget:
        missing = "names => names.filter((name) => !(name in customElements.get('voice-chat').prototype))"
        assert "suggest" in names and await widget.page.evaluate(missing, names) == []


async def test_a_page_waits_for_the_element_by_the_browsers_own_promise(chromium: Chromium) -> None:
    wait = """
      window.waited = customElements.whenDefined('voice-chat').then(async () => {
        const chat = document.querySelector('voice-chat');
        const ready = new Promise((then) => addEventListener('voicechat:ready', then));
        void chat.open();
        const { target, detail } = await ready;
        return [target === chat, detail, chat.export()];
      });
    """
    async with house() as server:
        widget = await chromium.widget(server.url, before=wait)
        assert await widget.page.evaluate("waited") == [True, {}, ""]


@both_modes
async def test_a_question_is_recorded_sent_and_thrown_away_by_the_page(chromium: Chromium, mode: str) -> None:
    async with (
        house(ears=doubles.Ears("And on Sunday?")) as server,
        shop(chromium, server, f"data-mode={mode}") as widget,
    ):
        call = "(method) => document.querySelector('voice-chat')[method]()"
        # The chat is not even connected when it is asked to listen.
        await widget.page.evaluate(call, "startRecording")
        await widget.recorded(1)
        await widget.page.evaluate(call, "stopRecording")
        await expect(widget.questions).to_have_text(["You: And on Sunday?"])
        await expect(widget.button("Copy all")).to_be_visible()
        await widget.page.evaluate(call, "startRecording")
        await widget.recorded(1)
        await widget.page.evaluate(call, "discardRecording")
        await expect(widget.field).to_be_visible()
        await expect(widget.questions).to_have_count(1)
        assert await told(widget, "error") == []


@pytest.mark.parametrize("method", ["discardRecording", "stopRecording", "close", "reset", "destroy"])
async def test_nothing_listens_once_the_page_has_ended_what_was_about_to_begin(
    chromium: Chromium, method: str
) -> None:
    begin = """
      async (method) => {
        const chat = document.querySelector('voice-chat');
        const states = [];
        chat.addEventListener('voicechat:microphone', ({ detail: { state } }) => {
          states.push(state);
          if (state === 'asking') chat[method]();
        });
        await chat.startRecording();
        return [states, tracks.length];
      }
    """
    async with house() as server, another_site(chromium, server, script=WATCH_MICROPHONE) as widget:
        await widget.open()
        assert await widget.page.evaluate(begin, method) == [["asking", "off"], 0]
        assert await widget.microphone_tracks() == []
