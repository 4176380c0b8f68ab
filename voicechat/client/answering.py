"""One answer, shown as it comes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator

from yarl import URL

from .. import dialogue as d
from .devices import Loudspeaker
from .errors import ClientError
from .interface import Client
from .moments import Moment, Stages
from .saving import pcm_of
from .terminal import Terminal

PLAYED_SECONDS = 0.25
"""Between two words to the server of how far the sound got (protocol, rule 7)."""

STAGES = {
    "sent": "sent",
    "transcript": "transcript",
    "first_text": "first text",
    "first_clause": "first clause",
    "whole_text": "whole text",
    "first_sound": "first sound",
    "first_heard": "first heard",
    "whole_sound": "whole sound",
}


class Answer:
    """What came of one question; *url* is the server's, for its pages."""

    def __init__(self, client: Client, terminal: Terminal, url: str, loudspeaker: Loudspeaker | None) -> None:
        self._client = client
        self._terminal = terminal
        self._url = url
        self._loudspeaker = loudspeaker
        self._is_midline = False
        self._is_stopped = False
        """Whether what still comes of it is no longer wanted."""
        self.moments: list[Moment] = []
        self.sounds: list[bytes] = []
        self.fault: d.Fault | None = None
        """Why it was not spoken, or not to its end."""
        self.flags = d.EndFlag(0)
        self._heard_at: float | None = None
        """When its first sound was heard, by the monotonic clock."""

    async def show(self, moments: AsyncGenerator[Moment, None]) -> None:
        """
        Write *moments* as they come, and let them sound; return when it is silent.

        Raises:
            ClientError: If the answer fails; what came of it stands there.
        """
        if self._loudspeaker is not None:
            self._loudspeaker.begin()
        async with contextlib.aclosing(moments), self._telling_how_far() as loudspeaker:
            try:
                async for moment in moments:
                    self.moments.append(moment)
                    await self._show(moment.event)
            finally:
                if self._is_midline:
                    self._terminal.say("\n")
            self._note_faults()
            if loudspeaker is not None:
                await loudspeaker.drained()

    async def stop(self) -> None:
        """Fall silent, and stop the answer."""
        self._is_stopped = True
        heard_ms = 0
        if self._loudspeaker is not None:
            heard_ms = self._loudspeaker.playhead_ms
            self._loudspeaker.stop()
        with contextlib.suppress(ClientError):  # then there is nothing to stop, and `show` says why
            await self._client.cancel(heard_ms)

    async def _show(self, event: object) -> None:
        match event:
            case d.Transcript(text, _, True):
                self._terminal.note(f"You said: {text}")
            case d.AnswerText(_, text) if text and not self._is_stopped:
                self._terminal.say(text)
                self._is_midline = not text.endswith("\n")
            case d.AnswerAudio(_, data):
                await self._sound(data)
            case d.Fault():
                self.fault = event
            case d.End(_, _, flags):
                self.flags = flags

    async def _sound(self, data: bytes) -> None:
        if self._loudspeaker is None:
            self.sounds.append(data)
            return
        pcm = await asyncio.to_thread(pcm_of, [data], self._client.sound_format)
        if not self._is_stopped:
            self._loudspeaker.play(pcm)

    def _note_faults(self) -> None:
        if self.flags & d.EndFlag.CUT:
            self._terminal.note("Stopped." if self._is_stopped else "The server broke the answer off.")
        elif self.fault is not None:
            self._terminal.note(f"Not spoken: {self.fault.message}")

    @contextlib.asynccontextmanager
    async def _telling_how_far(self) -> AsyncIterator[Loudspeaker | None]:
        """Tell the server while the body of the `with` runs how far the sound got, and at its end."""
        loudspeaker = self._loudspeaker
        if loudspeaker is None:
            yield None
            return

        async def tell() -> None:
            while True:
                await asyncio.sleep(PLAYED_SECONDS)
                if ms := self._playhead_ms(loudspeaker):
                    await self._client.played(ms)

        telling = asyncio.create_task(tell())
        try:
            yield loudspeaker
        finally:
            telling.cancel()
            # Where the connection was lost, the answer itself says so.
            await asyncio.gather(telling, return_exceptions=True)
        with contextlib.suppress(ClientError):
            await self._client.played(self._playhead_ms(loudspeaker), d.PlayedFlag.ENDED)

    def _playhead_ms(self, loudspeaker: Loudspeaker) -> int:
        """Return how far the sound got; the first time that it sounds, that tells since when."""
        ms = loudspeaker.playhead_ms
        if ms and self._heard_at is None:
            self._heard_at = time.monotonic() - ms / 1000
        return ms

    def note_sources(self) -> None:
        for moment in self.moments:
            if isinstance(moment.event, d.ServerEvent) and moment.event.content.get("type") == "sources":
                for source in moment.event.content.get("sources", ()):
                    self._terminal.note(f"Source: {source['title']}, {_address(self._url, source['url'])}")

    def note_timings(self) -> None:
        """Write when the stages came, counted from the end of the question."""
        if not self.moments:
            return
        stages = Stages.of(self.moments, self._heard_at)
        times = {words: getattr(stages, name) for name, words in STAGES.items()}
        told = [f"{words} {seconds:.2f} s" for words, seconds in times.items() if seconds is not None]
        self._terminal.note(
            f"After the question: {', '.join(told) or 'nothing'}; "
            f"{stages.bytes_up:,} bytes up, {stages.bytes_down:,} bytes down"
        )


def _address(url: str, target: str) -> str:
    return str(URL(f"{url}/").join(URL(target)))
