"""Recordings whose connection is lost, over real sockets: what was said goes on over the next one."""

import asyncio
import hashlib
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSServerHandshakeError

from voicechat import dialogue as d
from voicechat.audio import Recording, wav

from .conftest import HELLO, Client, Server, serving
from .doubles import Brain, Ears, engines
from .test_v2 import FEW, LONG, WEBM, does_nothing, holding, refusals, text_of

CHUNK = 1_000
SPOKEN = WEBM + random.Random(1).randbytes(12 * CHUNK - len(WEBM))
CUTS = range(len(SPOKEN) // CHUNK + 1)
"""After how many of its frames a recording loses its connection."""


UNCUT = hashlib.sha256(SPOKEN).hexdigest()
"""What is heard in `SPOKEN`."""


class KeenEars(Ears):
    """Hears a word of its own in every recording."""

    async def transcribe(self, recording: Recording, language: str | None) -> str:
        await super().transcribe(recording, language)
        return hashlib.sha256(recording.data).hexdigest()


class Tab:
    """A page that records *data*: it keeps what it has sent, and sends on from what WELCOME says."""

    client: Client

    def __init__(self, server: Server, name: str = "tab-1", data: bytes = SPOKEN, format: int = 1) -> None:
        self.server = server
        self.name = name
        self.data = data
        self.format = format
        self.chat: str | None = None
        self.pos = 0

    async def connect(self, **changes: Any) -> dict[str, Any]:
        """Come, or come back; return what WELCOME says."""
        url = self.server.url + "/ws"
        self.client = Client(await self.server.http.ws_connect(url, max_msg_size=0))
        welcome = await self.client.hello(tab=self.name, chat=self.chat, audio_out=[], **changes)
        self.chat = welcome["chat"]
        self.pos = next((one["bytes"] for one in welcome["recordings"]), 0)
        return welcome

    async def speak(self, chunks: int | None = None) -> None:
        """Send the next *chunks*; None: all that are left."""
        last = len(self.data) if chunks is None else self.pos + chunks * CHUNK
        while self.pos < last:
            chunk = self.data[self.pos : self.pos + CHUNK]
            await self.client.send(d.AskAudio(self.pos, self.format, chunk), 1)
            self.pos += len(chunk)

    async def end(self, flags: d.AudioEndFlag = d.AudioEndFlag.NONE) -> None:
        await self.client.send(d.AskAudioEnd(self.pos, flags), 1)

    async def arrived(self) -> None:
        """Return when all that was sent is there."""
        await self.client.send(d.Ping(7))
        await self.client.until(d.Pong)

    async def said(self) -> list[Any]:
        return await self.client.until(d.End)

    def cut(self) -> None:
        """Lose the connection as a network loses it: nothing is said to the other side."""
        connection = self.client.socket._response.connection
        assert connection is not None and connection.transport is not None
        connection.transport.abort()


def transcript(messages: list[Any]) -> str:
    [heard] = [message for message in messages if isinstance(message, d.Transcript)]
    return str(heard.text)


async def test_a_recording_that_is_not_cut_is_heard_as_it_was_sent() -> None:
    ears = KeenEars()
    async with serving(engines(ears)) as server:
        tab = Tab(server)
        assert (await tab.connect())["recordings"] == []
        await tab.speak()
        await tab.end()
        assert transcript(await tab.said()) == UNCUT
    assert ears.recordings == [Recording(SPOKEN, "webm")]


@pytest.mark.parametrize("chunks", CUTS)
async def test_a_recording_that_is_cut_at_any_frame_goes_on_where_it_was(chunks: int) -> None:
    ears = KeenEars()
    async with serving(engines(ears)) as server:
        tab = Tab(server)
        await tab.connect()
        await tab.speak(chunks)
        await tab.arrived()
        tab.cut()
        welcome = await tab.connect()
        assert welcome["recordings"] == ([{"turn": 1, "bytes": chunks * CHUNK}] if chunks else [])
        await tab.speak()
        await tab.end()
        assert transcript(await tab.said()) == UNCUT
    assert ears.recordings == [Recording(SPOKEN, "webm")]


@pytest.mark.parametrize("chunks", CUTS)
async def test_what_was_under_way_when_it_was_cut_is_sent_again(chunks: int) -> None:
    ears = KeenEars()
    async with serving(engines(ears)) as server:
        tab = Tab(server)
        await tab.connect()
        await tab.speak(chunks)
        tab.cut()
        for known in (await tab.connect())["recordings"]:
            assert known["turn"] == 1 and 0 < known["bytes"] <= chunks * CHUNK
        await tab.speak()
        await tab.end()
        assert transcript(await tab.said()) == UNCUT
    assert ears.recordings == [Recording(SPOKEN, "webm")]


async def test_a_recording_may_be_cut_after_every_frame_of_it() -> None:
    ears = KeenEars()
    async with serving(engines(ears)) as server:
        tab = Tab(server)
        await tab.connect()
        for sent in CUTS[1:]:
            await tab.speak(1)
            await tab.arrived()
            tab.cut()
            assert (await tab.connect())["recordings"] == [{"turn": 1, "bytes": sent * CHUNK}]
        await tab.end()
        assert transcript(await tab.said()) == UNCUT
    assert ears.recordings == [Recording(SPOKEN, "webm")]


async def test_raw_sound_keeps_the_rate_that_the_first_hello_named() -> None:
    ears = Ears()
    async with serving(engines(ears)) as server:
        tab = Tab(server, format=0)
        await tab.connect(audio_in=["pcm16/24000"])
        await tab.speak(3)
        await tab.arrived()
        tab.cut()
        await tab.connect(audio_in=["pcm16/24000"])
        await tab.speak()
        await tab.end()
        await tab.said()
    assert ears.recordings == [Recording(wav(SPOKEN, 24_000), "wav")]


async def test_a_newer_connection_takes_the_recording_over_and_the_older_one_adds_nothing() -> None:
    ears = KeenEars()
    async with serving(engines(ears)) as server:
        old = Tab(server)
        await old.connect()
        await old.speak(3)
        await old.arrived()
        new = Tab(server)
        new.chat = old.chat
        assert (await new.connect())["recordings"] == [{"turn": 1, "bytes": 3 * CHUNK}]
        old.data = bytes(len(SPOKEN))
        await old.speak(3)
        await new.arrived()
        assert await old.client.close_code() == 4409
        await new.speak()
        await new.end()
        assert transcript(await new.said()) == UNCUT
    assert ears.recordings == [Recording(SPOKEN, "webm")]


async def test_sound_that_comes_together_with_the_newer_connection_leaves_nothing_behind(
    server: Server,
) -> None:
    for n in range(20):
        old, new = Tab(server, f"tab-{n}"), Tab(server, f"tab-{n}")
        await old.connect()
        await old.speak(1)
        await old.arrived()
        hello = d.Hello({**HELLO, "tab": old.name, "chat": old.chat, "audio_out": []})
        async with server.client() as new.client:
            again = d.AskAudio(0, 1, SPOKEN[:CHUNK])
            await asyncio.gather(new.client.send(hello), old.client.send(again, 1))
            await new.end(d.AudioEndFlag.DISCARD)
            await new.said()
        assert (await old.connect())["recordings"] == []


async def test_a_recording_is_its_own_tabs_alone(server: Server) -> None:
    one, two = Tab(server, "one"), Tab(server, "two")
    await one.connect()
    await one.speak(3)
    await one.arrived()
    one.cut()
    two.chat = one.chat
    assert (await two.connect())["recordings"] == []
    await two.speak(1)
    await two.arrived()
    two.cut()
    assert [(await tab.connect())["recordings"][0]["bytes"] for tab in (one, two)] == [3_000, 1_000]


async def test_a_tab_that_was_reloaded_takes_another_number_than_that_of_its_open_recording() -> None:
    ears = KeenEars()
    async with serving(engines(ears)) as server:
        tab = Tab(server)
        await tab.connect()
        await tab.speak(3)
        await tab.arrived()
        tab.cut()
        assert (await tab.connect())["next_turn"] == 2
        await tab.client.send(d.AskAudio(0, 1, SPOKEN), 2)
        assert await tab.client.receive() == (d.End(0, 0, d.EndFlag.CUT), 1)
        await tab.client.send(d.AskAudioEnd(len(SPOKEN)), 2)
        assert transcript(await tab.said()) == UNCUT


async def test_what_is_safe_is_told_of_the_whole_recording_on_every_connection(server: Server) -> None:
    tab = Tab(server, data=SPOKEN * 8)
    await tab.connect()
    await tab.speak(20)
    await tab.arrived()
    tab.cut()
    await tab.connect()
    await tab.speak()
    await tab.end()
    acks = [message.pos for message in await tab.said() if isinstance(message, d.AudioAck)]
    assert acks == [33_000, 66_000, 96_000]


# ── The end marker ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("store", ["memory", "sqlite"])
async def test_what_is_cut_behind_its_end_marker_is_heard_once(store: str, tmp_path: Path) -> None:
    ears, brain = KeenEars(), Brain()
    where = "memory" if store == "memory" else f"sqlite:{tmp_path / 'chats.db'}"
    async with serving(engines(ears, brain), store=where) as server:
        for n in range(20):
            tab = Tab(server, f"tab-{n}")
            await tab.connect()
            await tab.speak()
            await tab.end()
            tab.cut()
            welcome = await tab.connect()
            if not welcome["running"]:
                await tab.speak()
                await tab.end()
            messages = await tab.said()
            assert (transcript(messages), refusals(messages)) == (UNCUT, [])
    assert ears.recordings == [Recording(SPOKEN, "webm")] * 20 and len(brain.prompts) == 20


async def test_a_recording_that_was_called_safe_is_answered_though_it_is_cut_before_it_is_stored(
    tmp_path: Path,
) -> None:
    ears, file = KeenEars(), tmp_path / "chats.db"
    async with serving(engines(ears), store=f"sqlite:{file}", limits_connections="1") as server:
        tab = Tab(server)
        await tab.connect()
        await tab.speak()
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await tab.end()
            assert await tab.client.until(d.AudioAck) == [d.AudioAck(len(SPOKEN))]
            tab.cut()
            socket = await connected(server)
            # Nobody is in the chat, and it is needed all the same.
            await asyncio.gather(server.house.conversations.sweep(3600), commit(other))
        tab.client = Client(socket)
        welcome = await tab.client.hello(tab=tab.name, chat=tab.chat, audio_out=[])
        if not welcome["running"]:
            # All is safe, it was told: nothing but the end marker is sent again.
            await tab.end()
        messages = await tab.said()
        assert (transcript(messages), refusals(messages)) == (UNCUT, [])
    assert ears.recordings == [Recording(SPOKEN, "webm")]


async def commit(database: sqlite3.Connection) -> None:
    database.execute("COMMIT")


async def connected(server: Server) -> Any:
    """Return a connection to a server that takes one, as soon as the one before is gone."""
    async with asyncio.timeout(5):
        while True:
            try:
                return await server.http.ws_connect(server.url + "/ws")
            except WSServerHandshakeError:
                continue


@pytest.mark.parametrize("chunks", [0, None], ids=["the end marker", "all of it"])
async def test_what_is_sent_twice_on_one_connection_is_answered_twice_and_heard_once(
    chunks: int | None,
) -> None:
    ears, brain = KeenEars(), Brain()
    async with serving(engines(ears, brain), **FEW) as server, holding(server, "one"):
        tab = Tab(server, data=LONG)
        await tab.connect()
        await tab.speak()
        await tab.end()
        first = await tab.said()
        async with holding(server, "two"):
            # There is no room for it, and none is needed.
            tab.pos = 0
            await tab.speak(chunks)
            await tab.client.send(d.AskAudioEnd(len(LONG)), 1)
            again = await tab.said()
    assert again[0] == d.Accepted(1) and refusals(again) == []
    assert (transcript(again), text_of(again)) == (transcript(first), text_of(first))
    assert len(ears.recordings) == len(brain.prompts) == 1


@pytest.mark.parametrize("is_kept", [True, False], ids=["with its turn", "in the store alone"])
@pytest.mark.parametrize(
    ("start", "end"),
    [(None, 30_000), (0, 30_000), (20_000, 30_000), (0, 31_000)],
    ids=["the end marker", "all of it", "its last part", "too little"],
)
async def test_what_is_sent_again_on_another_connection_is_answered_again_and_heard_once(
    start: int | None, end: int, is_kept: bool
) -> None:
    ears, brain = KeenEars(), Brain()
    async with serving(engines(ears, brain), **FEW) as server:
        tab = Tab(server, data=LONG)
        await tab.connect()
        await tab.speak()
        await tab.end()
        first = await tab.said()
        await tab.client.socket.close()
        if not is_kept:
            await server.house.conversations.sweep(3600)
        await tab.connect()
        if start is not None:
            tab.pos = start
            await tab.speak()
        await tab.client.send(d.AskAudioEnd(end), 1)
        again = await tab.said()
        assert await does_nothing(tab.client)
    assert refusals(again) == []
    assert (transcript(again), text_of(again)) == (transcript(first), text_of(first))
    assert len(ears.recordings) == len(brain.prompts) == 1


async def test_an_end_marker_of_what_was_typed_or_never_asked_is_a_fault(server: Server) -> None:
    tab = Tab(server)
    await tab.connect()
    await tab.client.send(d.AskText("When?"), 1)
    await tab.said()
    await tab.end()
    fault, turn = await tab.client.receive()
    assert (fault.code, turn) == ("key_reused", 1)
    await tab.client.send(d.AskAudioEnd(5), 2)
    fault, turn = await tab.client.receive()
    assert (fault.code, turn) == ("bad_request", 2)
    assert await tab.client.receive() == (d.End(0, 0, d.EndFlag.FAILED), 2)
