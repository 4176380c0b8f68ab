"""A visitor who does not let the voice finish: by the button, by typing, and by speaking themselves."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import WebSocket, expect

from tests import doubles
from voicechat import dialogue as d
from voicechat.engines import Speech, TimedWord
from voicechat.wire import decode as read

from .conftest import Chromium
from .house import house
from .widget import Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANSWER = (
    "On weekdays the café is open from nine until six. "
    "On Saturday it closes at four, and on Sunday you find it closed. "
    "Groups of more than eight should ring us up before they come."
)
WORD_MS = 250

moments = pytest.mark.parametrize("after_ms", [300, 1_700, 4_000])
"""How much is heard at least when the voice is interrupted: a word, half a sentence, more than one."""


class WordVoice(doubles.Voice):
    """Takes `WORD_MS` for each word, and says so."""

    async def speak(self, text: str, manner: object) -> AsyncGenerator[Speech, None]:
        for number, word in enumerate(re.finditer(r"\S+", text)):
            start_ms = number * WORD_MS
            yield (TimedWord(*word.span(), start_ms, start_ms + WORD_MS),)
            yield doubles.MS * WORD_MS


class Interrupted:
    """A chat whose answer sounds, and what its page says of how far that was heard."""

    def __init__(self, widget: Widget, brain: doubles.Brain) -> None:
        self.widget = widget
        self.brain = brain
        self.cancels: list[tuple[int, d.CancelReason]] = []
        """Milliseconds that were heard, and why no more are to be."""
        widget.page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", self._note)

    def _note(self, frame: bytes | str) -> None:
        message, _ = read(frame if isinstance(frame, bytes) else frame.encode())
        if isinstance(message, d.Cancel):
            self.cancels.append((message.pos, message.reason))

    async def begin(self, after_ms: int) -> None:
        """Ask, and return when *after_ms* of the answer were heard."""
        await self.widget.open()
        await self.widget.ask("When?")

        async def is_heard() -> bool:
            return (await self.widget.element("playhead") or 0) >= after_ms

        await eventually(is_heard)

    async def known(self) -> list[str]:
        """Return what the chat engine was told of the chat, once it was asked again."""

        async def is_asked() -> bool:
            return len(self.brain.prompts) == 2

        await eventually(is_asked)
        return [message.known_text for message in self.brain.prompts[1].history]

    @property
    def heard(self) -> str:
        """The words whose sound was over, by what the page has said."""
        [(heard_ms, _)] = self.cancels
        words = list(re.finditer(r"\S+", ANSWER))[: heard_ms // WORD_MS]
        return ANSWER[: words[-1].end()] if words else ""

    async def greyed(self) -> str:
        """Return what the page shows as unheard."""
        parts = await self.widget.panel.locator(".assistant .unheard").all_text_contents()
        return "".join(parts)


@moments
async def test_the_button_keeps_what_was_heard_up_to_a_word(chromium: Chromium, after_ms: int) -> None:
    brain = doubles.Brain(ANSWER)
    async with house(brain, voice=WordVoice()) as server:
        chat = Interrupted(await chromium.widget(f"{server.url}/?mode=v2"), brain)
        await chat.begin(after_ms)
        await chat.widget.button("Stop the answer").click()
        await expect(chat.widget.panel.locator(".unheard").last).to_contain_text("come.")
        [(heard_ms, reason)] = chat.cancels
        assert reason is d.CancelReason.BUTTON and heard_ms >= after_ms
        assert (await chat.greyed()).split() == ANSWER[len(chat.heard) :].split()
        await chat.widget.ask("And then?")
        assert await chat.known() == ["When?", chat.heard, "And then?"]


async def test_who_types_has_read_what_was_shown(chromium: Chromium) -> None:
    brain = doubles.Brain(ANSWER)
    async with house(brain, voice=WordVoice()) as server:
        chat = Interrupted(await chromium.widget(f"{server.url}/?mode=v2"), brain)
        await chat.begin(1_700)
        await chat.widget.ask("And then?")
        assert await chat.known() == ["When?", ANSWER, "And then?"]
        [(_, reason)] = chat.cancels
        assert reason is d.CancelReason.TYPED_OVER
        assert await chat.greyed() == ""


@moments
async def test_who_speaks_over_the_voice_has_heard_what_sounded_until_then(
    chromium: Chromium, after_ms: int
) -> None:
    brain = doubles.Brain(ANSWER)
    async with house(brain, doubles.Ears("and then"), WordVoice()) as server:
        chat = Interrupted(await chromium.widget(f"{server.url}/?mode=v2", "saturday.flac"), brain)
        await chat.begin(after_ms)
        await chat.widget.button("Speak your question").click()
        await chat.widget.silent()
        await expect(chat.widget.panel.locator(".unheard").last).to_contain_text("come.")
        await chat.widget.recorded(1)
        await chat.widget.button("Send the recording").click()
        assert await chat.known() == ["When?", chat.heard, "and then"]
        [(_, reason)] = chat.cancels
        assert reason is d.CancelReason.SPOKEN_OVER
        assert (await chat.greyed()).split() == ANSWER[len(chat.heard) :].split()
