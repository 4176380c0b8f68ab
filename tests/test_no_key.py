"""With no key and no network: real speech in, the example shop's answer out, in text and in voice."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from voicechat import dialogue as d
from voicechat.audio import Recording, wav
from voicechat.config import Stt
from voicechat.engines.whisper import Whisper

from .conftest import Server, serving
from .speech import HERE as SPEECH
from .speech import pcm
from .test_v2 import follow, text_of

# One server for all of them: its models take a second or two to load.
pytestmark = pytest.mark.asyncio(loop_scope="module")

SUNDAY = (SPEECH / "sunday.flac").read_bytes()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ears() -> AsyncIterator[Whisper]:
    """Who listens to the answers: not the server's own ears."""
    whisper = Whisper(Stt(), 120)
    await whisper.load()
    yield whisper
    await whisper.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop() -> AsyncIterator[Server]:
    async with serving(as_configured=True, knowledge_on="true") as server:
        for task in ("stt", "chat", "tts", "knowledge"):
            await server.house.rooms.engines.ready(task)
        yield server


async def heard(ears: Whisper, sound: Recording) -> set[str]:
    return set(re.findall(r"\w+", (await ears.transcribe(sound, "en")).lower()))


def is_of_sunday(text: str) -> bool:
    return "Sunday" in text and "Opening hours" in text


@pytest.mark.parametrize("question", [{"message": "What time do you close on Sunday?"}, {"audio": SUNDAY}])
async def test_v1_answers_from_the_shops_pages_in_text_and_voice(
    shop: Server, ears: Whisper, question: dict[str, str | bytes]
) -> None:
    if isinstance(audio := question.get("audio"), bytes):
        question = {"audio": base64.b64encode(audio).decode()}
    status, reply = await shop.message(**question)
    assert status == 200 and is_of_sunday(reply["answer"]), reply
    assert reply["sources"][0]["url"] == "/hours"
    words = await heard(ears, Recording(base64.b64decode(reply["audio"]), "mp3"))
    assert {"sunday", "hours"} <= words


@pytest.mark.parametrize("way", ["typed", "spoken"])
async def test_v2_answers_from_the_shops_pages_in_text_and_voice(
    shop: Server, ears: Whisper, way: str
) -> None:
    async with shop.client() as client:
        await client.hello()
        if way == "typed":
            await client.send(d.AskText("What time do you close on Sunday?"), 1)
        else:
            question = pcm("sunday.flac")
            for pos in range(0, len(question), 3200):
                await client.send(d.AskAudio(pos, 0, question[pos : pos + 3200]), 1)
            await client.send(d.AskAudioEnd(len(question)), 1)
        messages = await follow(client, 1)
    assert is_of_sunday(text_of(messages)), text_of(messages)
    sound = b"".join(m.data for m in messages if isinstance(m, d.AnswerAudio))
    assert messages[-1] == d.End(len(text_of(messages).encode()), len(sound) // 48, d.EndFlag.COMPLETE)
    words = await heard(ears, Recording(wav(sound, 24_000), "wav"))
    assert {"sunday", "hours"} <= words


async def test_a_follow_up_is_understood(shop: Server) -> None:
    await shop.message(id="follow", message="When are you open on Saturday?")
    _, reply = await shop.message(id="follow", message="and on Sunday?", speech=False)
    assert is_of_sunday(reply["answer"])


async def test_what_the_pages_do_not_say_is_not_made_up(shop: Server) -> None:
    _, reply = await shop.message(id="kettles", message="Do you repair kettles?", speech=False)
    assert reply["answer"].startswith(("I don't know", "I found no clear answer"))


async def test_the_welcome_offers_three_questions_of_the_pages(shop: Server) -> None:
    async with shop.client() as client:
        welcome = await client.hello()
    suggestions = welcome["welcome"]["suggestions"]
    assert len(set(suggestions)) == 3 and all(text.endswith("?") for text in suggestions)


async def test_the_pages_of_the_shop_are_served_with_the_tag(shop: Server) -> None:
    for path, words in (("/", "chat.js"), ("/hours", "Sunday"), ("/shipping", "parcel")):
        async with shop.http.get(shop.url + path) as response:
            assert response.status == 200 and words in await response.text()
            assert "unsafe" not in response.headers["Content-Security-Policy"]
    for path in ("/nothing", "/../pyproject.toml", "/hours.md", "/widget/../app.py", "/widget/%2e%2e/app.py"):
        async with shop.http.get(shop.url + path) as response:
            assert response.status == 404
