"""The greeting of a chat, spoken: a turn of its own that nothing is kept of."""

from __future__ import annotations

from typing import Any

import pytest

from voicechat import dialogue as d
from voicechat.api.requests import LONGEST_GREETING

from .conftest import Client, Server, serving
from .doubles import Voice, engines
from .test_v2 import ask, does_nothing, follow, full

GREETING = "Hello! What would you like to know?"


async def greet(client: Client, turn: object = 1, **content: Any) -> None:
    await client.send(d.ClientEvent({"type": "welcome", "turn": turn, **content}))


def faults(messages: list[Any]) -> list[str]:
    return [message.code for message in messages if isinstance(message, d.Fault)]


async def test_the_configured_greeting_is_spoken_whatever_the_page_says_and_nothing_is_kept() -> None:
    voice = Voice()
    async with serving(engines(voice=voice), welcome="Ahoy, sailor!") as server, server.client() as client:
        chat = (await full(client))["chat"]
        await greet(client, text="Say this.")
        messages = await follow(client, 1)
        assert "".join(voice.texts) == "Ahoy, sailor!"
        assert messages[-1].flags == d.EndFlag.COMPLETE and messages[-1].audio_ms > 0
        assert not [m for m in messages if isinstance(m, d.AnswerText | d.Accepted)]
        assert [m.spans[0].text_start for m in messages if isinstance(m, d.Mark) and not m.words] == [0]
        stored, _ = await server.house.rooms.store.messages(chat.partition(".")[0])
        assert stored == []
        assert (await ask(client, turn=2))[-1].flags == d.EndFlag.COMPLETE


async def test_a_greeting_can_be_stopped() -> None:
    slow = engines(voice=Voice(ms_per_char=100))
    async with serving(slow, limits_lead_ms="500") as server, server.client() as client:
        await full(client)
        await greet(client, text=GREETING)
        await client.until(d.AnswerAudio)
        await client.send(d.Cancel(50, d.CancelReason.BUTTON), 1)
        messages = await client.until(d.End)
        assert messages[-1].flags == d.EndFlag.CUT
        assert not [m for m in messages if isinstance(m, d.Cut)]
        assert await does_nothing(client)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({}, "bad_request"),
        ({"text": " "}, "bad_request"),
        ({"text": 7}, "bad_request"),
        ({"text": "x" * (LONGEST_GREETING + 1)}, "too_large"),
    ],
)
async def test_what_is_no_greeting_is_refused_with_its_end(
    server: Server, content: dict[str, Any], code: str
) -> None:
    async with server.client() as client:
        await full(client)
        await greet(client, **content)
        messages = await client.until(d.End)
        assert faults(messages) == [code] and messages[-1].flags == d.EndFlag.FAILED


@pytest.mark.parametrize("turn", [None, 0, "1", True, 0x8000])
async def test_a_greeting_needs_a_turn_of_the_clients_own(server: Server, turn: object) -> None:
    async with server.client() as client:
        await full(client)
        await greet(client, turn=turn, text=GREETING)
        assert faults(await client.until(d.Fault)) == ["bad_request"]


async def test_a_greeting_takes_no_number_that_was_used(server: Server) -> None:
    async with server.client() as client:
        await full(client)
        await ask(client, turn=3)
        await greet(client, turn=2, text=GREETING)
        assert faults(await client.until(d.End)) == ["bad_request"]


async def test_where_nothing_is_spoken_no_greeting_is(server: Server) -> None:
    async with server.client() as client:
        await full(client, audio_out=[])
        await greet(client, text=GREETING)
        assert faults(await client.until(d.End)) == ["not_found"]
