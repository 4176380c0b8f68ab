"""What is kept of a recording whose connection is lost: how long, and what it takes of all there is."""

import asyncio
from typing import Any

import pytest

from voicechat import dialogue as d
from voicechat.api.patience import Patience
from voicechat.audio import Recording
from voicechat.config import Limits
from voicechat.conversation import LiveTurn
from voicechat.conversation.open_recordings import KEPT_BYTES, OpenRecordings
from voicechat.dialogue import Key
from voicechat.errors import BadRequest
from voicechat.guard import Budget
from voicechat.turn import SoundFormat
from voicechat.wire import Connection, OpenRecording, encode

from .conftest import HELLO, Server, serving
from .doubles import Ears, engines
from .test_recordings import SPOKEN, Tab
from .test_v2 import FEW, LONG, has_room_again, holding, record, refusals


async def lost(server: Server, **changes: Any) -> Tab:
    """Return a tab that was cut while the server had half of what it may hold of it."""
    tab = Tab(server, "lost", LONG)
    await tab.connect(**changes)
    await tab.speak()
    await tab.arrived()
    tab.cut()
    return tab


async def is_full(server: Server) -> bool:
    """Whether there is no room for one recording more."""
    async with server.client() as client:
        await client.hello(tab="asks", audio_out=[])
        return refusals(await record(client)) == ["unavailable"]


@pytest.mark.parametrize(
    "how",
    [
        "bye",
        "discarded",
        "ended",
        "another",
        "asked in v1",
        "typed in v1",
        "not ended",
        "chat gone",
        "erased",
    ],
)
async def test_a_recording_that_was_kept_takes_room_until_it_is_over_however_that_is(how: str) -> None:
    limits = {**FEW, "limits_recording_seconds": "1" if how == "not ended" else "120"}
    async with serving(**limits) as server:
        tab = await lost(server)
        async with holding(server, "one"):
            assert await is_full(server)
            if how not in ("asked in v1", "typed in v1", "chat gone", "erased"):
                assert (await tab.connect())["recordings"] == [{"turn": 1, "bytes": len(LONG)}]
            headers = {"Idempotency-Key": f"lost:{2 if how == 'typed in v1' else 1}"}
            match how:
                case "bye":
                    await tab.client.send(d.Bye())
                case "discarded":
                    await tab.end(d.AudioEndFlag.DISCARD)
                    assert await tab.said() == [d.End(0, 0, d.EndFlag.CUT)]
                case "ended":
                    await tab.end()
                    assert refusals(await tab.said()) == []
                case "another":
                    await tab.client.send(d.AskAudio(0, 1, b"!"), 2)
                    assert await tab.said() == [d.End(0, 0, d.EndFlag.CUT)]
                case "asked in v1":
                    # With its transcript, as a page does that gives the socket up.
                    await server.message(headers, id=tab.chat, message="When?", speech=False)
                case "typed in v1":
                    await server.message(headers, id=tab.chat, message="Well?", speech=False)
                case "not ended":
                    assert refusals(await tab.said()) == ["bad_request"]
                case "erased":
                    bearer = {"Authorization": f"Bearer {tab.chat}"}
                    event = {"type": "erase"}
                    async with server.http.post(
                        server.url + "/api/events", json=event, headers=bearer
                    ) as response:
                        assert response.status == 204
                case "chat gone":
                    await server.house.rooms.store.erase(tab.chat.partition(".")[0])
                    await server.house.conversations.sweep(3600)
            async with server.client() as client:
                await client.hello(tab="asks", audio_out=[])
                await has_room_again(client)


async def test_a_recording_is_dropped_and_takes_no_room_when_nobody_came_back_for_it_in_time() -> None:
    async with serving(**FEW, limits_resume_seconds="0.2") as server:
        tab = await lost(server)
        async with holding(server, "one"), server.client() as client:
            await client.hello(tab="asks", audio_out=[])
            await has_room_again(client)
        assert (await tab.connect())["recordings"] == []
        await tab.speak()
        await tab.end()
        assert refusals(await tab.said()) == []


async def test_where_nothing_is_to_wait_a_recording_is_dropped_with_its_connection() -> None:
    async with serving(limits_resume_seconds="0") as server:
        tab = await lost(server)
        assert (await tab.connect())["recordings"] == []


async def test_a_recording_that_was_refused_is_not_kept_and_may_be_sent_anew() -> None:
    ears = Ears()
    async with serving(engines(ears), **FEW) as server:
        tab = Tab(server)
        await tab.connect()
        await tab.client.send(d.AskAudio(5_000, 1, SPOKEN[5_000:]), 1)
        await tab.arrived()
        tab.cut()
        assert (await tab.connect())["recordings"] == []
        await tab.speak()
        await tab.end()
        assert refusals(await tab.said()) == []
    assert ears.recordings == [Recording(SPOKEN, "webm")]


@pytest.mark.parametrize("limit", ["limits_recording_bytes", "limits_recording_seconds"])
async def test_the_limits_of_a_recording_count_what_came_before_it_was_cut(limit: str) -> None:
    settings = {limit: "11000" if limit == "limits_recording_bytes" else "1"}
    async with serving(**settings) as server:
        tab = Tab(server, data=SPOKEN * 3, format=0)
        await tab.connect()
        await tab.speak(10)
        await tab.arrived()
        tab.cut()
        assert (await tab.connect())["recordings"] == [{"turn": 1, "bytes": 10_000}]
        await tab.speak()
        await tab.end()
        [fault] = refusals(await tab.said())
    assert fault == ("too_large" if limit == "limits_recording_bytes" else "too_long")


async def test_a_basic_clients_recording_holds_nothing_when_its_connection_is_lost() -> None:
    async with serving(**FEW) as server, holding(server, "one"), server.client() as other:
        await other.hello(tab="asks", audio_out=[])
        async with server.basic() as client:
            await client.send(d.UserAudioChunk(LONG))
            await client.send(d.UserTextMessage("Hi"))
            await client.until(d.TextEnd)
            assert refusals(await record(other)) == ["unavailable"]
        await has_room_again(other)


async def test_a_chat_whose_recording_is_kept_stays_though_nobody_is_in_it(server: Server) -> None:
    tab = await lost(server)
    await tab.connect()
    await tab.client.socket.close()
    await server.house.conversations.sweep(3600)
    assert (await tab.connect())["recordings"] == [{"turn": 1, "bytes": len(LONG)}]


class Nobody:
    """A listener that only comes and goes."""

    tab = "nobody"

    def takes(self, format: SoundFormat) -> bool:
        return False

    def hear(self, key: Key, message: d.TurnMessage) -> None:
        pass

    def number_of(self, turn: LiveTurn) -> int:
        return turn.key.turn


async def test_a_chat_is_idle_again_when_its_recording_is_gone(server: Server) -> None:
    nobody = Nobody()
    conversation = await server.house.conversations.enter("me", nobody)
    conversation.leave(nobody)
    for gone in (lambda: conversation.recordings.take("tab-1"), conversation.recordings.clear):
        conversation.recordings.keep("tab-1", a_recording(Budget(65_536)))
        assert not conversation.is_idle
        gone()
        assert conversation.is_idle


async def test_a_server_that_stops_lets_go_of_what_it_kept(server: Server) -> None:
    budget = Budget(65_536)
    conversation = await server.house.conversations.enter("me", Nobody())
    conversation.recordings.keep("tab-1", a_recording(budget))
    await server.house.conversations.close()
    conversation.recordings.keep("tab-2", a_recording(budget))
    assert budget.held_bytes == 0


def a_recording(budget: Budget, turn: int = 1) -> OpenRecording:
    recording = OpenRecording(turn, "webm/opus", Limits(), budget.share())
    recording.add(b"x")
    return recording


async def test_the_times_that_a_recording_waits_count_together() -> None:
    budget, recordings = Budget(65_536), OpenRecordings(300)
    recording = a_recording(budget)
    recordings.keep("tab-1", recording)
    assert recordings.take("tab-1") is recording and 0 < recording.away_seconds < 300
    recording.away_seconds += 300
    recordings.keep("tab-1", recording)
    assert recordings.take("tab-1") is None and budget.held_bytes == 0


async def test_small_recordings_are_not_kept_without_bound() -> None:
    budget, recordings = Budget(10 * KEPT_BYTES), OpenRecordings(300)
    tabs = [f"tab-{n}" for n in range(20)]
    for tab in tabs:
        recordings.keep(tab, a_recording(budget))
    assert budget.held_bytes == 9 * (KEPT_BYTES + 1)
    assert [recordings.take(tab) is not None for tab in tabs] == [True] * 9 + [False] * 11


async def test_a_recording_that_comes_back_again_and_again_is_counted_once() -> None:
    budget, recordings = Budget(65_536), OpenRecordings(300)
    recording: OpenRecording | None = a_recording(budget)
    for _ in range(5):
        assert recording is not None
        recordings.keep("tab-1", recording)
        assert budget.held_bytes == KEPT_BYTES + 1
        recording = recordings.take("tab-1")


async def test_an_empty_recording_that_was_kept_gives_back_what_it_counted_as() -> None:
    budget, recordings = Budget(65_536), OpenRecordings(300)
    empty = OpenRecording(1, "webm/opus", Limits(), budget.share())
    recordings.keep("tab-1", empty)
    assert recordings.take("tab-1") is empty and budget.held_bytes == KEPT_BYTES
    with pytest.raises(BadRequest):
        empty.finish(0)
    assert budget.held_bytes == 0


async def test_one_recording_of_a_tab_is_kept_the_later_one() -> None:
    budget, recordings = Budget(65_536), OpenRecordings(300)
    earlier, later = a_recording(budget), a_recording(budget, turn=2)
    recordings.keep("tab-1", earlier)
    recordings.keep("tab-1", later)
    assert recordings.take("tab-1") is later and budget.held_bytes == KEPT_BYTES + 1


async def test_the_time_that_a_recording_waits_for_its_tab_is_not_taken_for_slowness() -> None:
    async with serving(limits_recording_seconds="1") as server:
        tab = await lost(server)
        async with holding(server, "for-2-seconds") as other:
            await other.until(d.Fault)
        assert (await tab.connect())["recordings"] == [{"turn": 1, "bytes": len(LONG)}]
        await tab.end()
        assert refusals(await tab.said()) == []


async def test_a_recording_that_goes_on_has_what_is_left_of_its_time_and_no_more() -> None:
    told: asyncio.Future[list[bytes]] = asyncio.get_running_loop().create_future()
    connection = Connection(Limits(), "unused")
    connection.receive(encode(d.Hello(HELLO)))
    patience = Patience(connection.recordings, 120, lambda frames: told.set_result([*frames]))
    connection.recordings.open = a_recording(Budget(65_536))
    patience.look()
    recording = connection.recordings.let_go()
    patience.look()
    assert recording is not None and 0 < recording.attended_seconds < 240
    recording.attended_seconds = 240
    connection.recordings.open = recording
    patience.look()
    fault, end = await asyncio.wait_for(told, 10)
    assert b"within 240 seconds" in fault and end[0] == 0x94
    assert connection.recordings.open is None
