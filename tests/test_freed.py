"""What is over is gone at once: answers hold sound, and Python's collector counts objects and not bytes."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from voicechat import dialogue as d
from voicechat.api.requests import RequestHandler
from voicechat.api.streaming import Reader
from voicechat.api.v2 import Guest
from voicechat.conversation import Conversation, LiveTurn
from voicechat.conversation.sound import Sound
from voicechat.errors import ProviderFailed

from .conftest import Client, Server, serving
from .doubles import Brain, Ears, Voice, engines

SHORT_LIVED = {Conversation, Guest, LiveTurn, Reader, RequestHandler, Sound}


def living() -> Counter[str]:
    return Counter(type(one).__name__ for one in gc.get_objects() if type(one) in SHORT_LIVED)


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def typed(server: Server, client: Client) -> None:
    await client.hello()
    await client.send(d.AskText("When?"), 1)
    await client.until(d.End)


async def spoken(server: Server, client: Client) -> None:
    await client.hello(audio_in=["pcm16/16000"])
    await client.send(d.AskAudio(0, 0, bytes(32_000)), 1)
    await client.send(d.AskAudioEnd(32_000), 1)
    await client.until(d.End)


async def cancelled(server: Server, client: Client) -> None:
    await client.hello()
    await client.send(d.AskText("Count!"), 1)
    await client.until(d.AnswerText)
    await client.send(d.Cancel(0, d.CancelReason.BUTTON), 1)
    await client.until(d.End)


async def left(server: Server, client: Client) -> None:
    await client.hello()
    await client.send(d.AskText("Count!"), 1)
    await client.until(d.AnswerText)


async def failed(server: Server, client: Client) -> None:
    await client.hello()
    await client.send(d.AskText("Fail!"), 1)
    await client.until(d.End)


async def spoken_again(server: Server, client: Client) -> None:
    await typed(server, client)
    await client.send(d.Played(0, d.PlayedFlag.ENDED), 1)
    await client.send(d.Speak(0, 2), 2)
    await client.until(d.End)


async def erased(server: Server, client: Client) -> None:
    await client.hello()
    await client.send(d.AskText("Count!"), 1)
    await client.until(d.AnswerText)
    await client.send(d.ClientEvent({"type": "erase"}))
    await client.until(d.ServerEvent)


async def basic(server: Server, client: Client) -> None:
    await client.send(d.SetClientId("me"))
    await client.send(d.UserTextMessage("When?"))
    await client.until(d.TextEnd)


async def posted(server: Server, client: Client) -> None:
    assert (await server.message(message="When?"))[0] == 200


async def streamed(server: Server, client: Client) -> None:
    question = {"id": "me", "message": "When?"}
    headers = {"Accept": "text/event-stream"}
    async with server.http.post(f"{server.url}/api/message", json=question, headers=headers) as response:
        assert b"event: end" in await response.read()


class Minded(Brain):
    """Says one word and no more where it is asked to count, and fails where it is asked to fail."""

    async def reply(self, prompt: d.Prompt) -> AsyncIterator[str]:  # type: ignore[override]
        asked = prompt.history[-1].text
        yield "One "
        if asked == "Count!":
            await asyncio.Event().wait()
        if asked == "Fail!":
            raise ProviderFailed("It failed.")
        yield "two."


@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize(
    "visit", [typed, spoken, cancelled, left, failed, spoken_again, erased, basic, posted, streamed]
)
async def test_nothing_that_is_over_waits_for_the_collector(
    visit: Callable[[Server, Client], Awaitable[None]],
) -> None:
    rooms = engines(Ears(), Minded(), Voice())
    async with serving(rooms, limits_orphan_seconds="0", limits_resume_seconds="0") as server:
        before = living()
        async with server.client() as client:
            await visit(server, client)
        async with asyncio.timeout(10):
            while living() != before:
                await server.house.conversations.sweep(1_000)
                await asyncio.sleep(0.01)  # until the server has seen the socket close
