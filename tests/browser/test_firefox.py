"""The widget in Firefox: real pages of another origin, real sound, Firefox's own fake microphone."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio

from tests import doubles
from tests.conftest import serving
from tests.scripted_openai import END, Gate, Stream, scripted_openai, tokens
from voicechat.audio import HEARING_RATE, decode

from .conftest import site
from .firefox import Firefox, FirefoxWidget, lacking, running_firefox
from .house import both_modes, house
from .proxy import proxied
from .test_markdown import pieces
from .widget import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def firefox() -> AsyncIterator[Firefox]:
    if reason := lacking():
        pytest.skip(reason)
    async with running_firefox() as firefox:
        print(await firefox.do("version"))
        yield firefox


@contextlib.asynccontextmanager
async def shop(firefox: Firefox, bot: str, mode: str) -> AsyncIterator[FirefoxWidget]:
    """Open a page of another origin that allows the widget the two words which README names, no more."""
    policy = (
        f"default-src 'none'; script-src {bot}; connect-src {bot} {bot.replace('http', 'ws')}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    body = (
        "<!doctype html><html lang=en><title>A shop</title><h1>A shop</h1>"
        f"<script async src={bot}/chat.js data-mode={mode}></script>"
    )
    async with site(body, {"Content-Security-Policy": policy}) as url:
        yield await firefox.widget(url)


HALF = """\
## Opening hours

We are **open** from *nine* to six:

1. Take the `U8`
2. Ring

| Day | Open |
|-----|------|
| Sunday | [from eleven](https://shop.example/hours) |

And **this is half"""

REST = " of it**.\n"

MARKUP = ["[role=heading]", "strong", "em", "ol > li", "code", "tr", "a[target=_blank]"]


@contextlib.asynccontextmanager
async def half_an_answer(way: str) -> AsyncIterator[tuple[str, Gate]]:
    """A bot whose answer stops in its middle until the gate opens; *way* "fallback": over HTTP alone."""
    gate = Gate()
    async with scripted_openai() as provider:
        addresses = {f"{job}_base_url": provider.url for job in ("stt", "chat", "tts")}
        provider.next("chat", Stream([*tokens(*pieces(HALF)), gate, *tokens(*pieces(REST)), *END]))
        async with (
            serving(as_configured=True, **addresses) as server,
            proxied(server.url, upgrades="403") as proxy,
        ):
            yield proxy.url if way == "fallback" else server.url, gate


@pytest.mark.parametrize("way", ["v1", "v2", "fallback"])
async def test_a_typed_question_is_answered_in_markdown_and_voice_under_a_strict_policy(
    firefox: Firefox, way: str
) -> None:
    mode = "auto" if way == "fallback" else way
    async with half_an_answer(way) as (bot, gate), shop(firefox, bot, mode) as widget:
        drawn = "((it) => [it.borderRadius, it.width])(getComputedStyle(root.querySelector('.launcher')))"
        assert await widget.evaluate(drawn) == ["50%", "60px"]
        await widget.open()
        assert await widget.evaluate("root.activeElement.localName") == "textarea"
        await widget.ask("When are you open?")
        await gate.reached.wait()
        if way != "v1":
            await widget.reads(".assistant strong", "this is half")
        gate.open()
        level = await widget.sounding()
        await widget.reads(".assistant strong", "this is half of it")
        counts = f"{MARKUP}.map((it) => root.querySelectorAll('.prose ' + it).length)"
        assert await widget.evaluate(counts) == [1, 2, 1, 2, 1, 2, 1]
        await widget.picture(f"firefox-{way}")
        # Firefox tells of each socket that was refused.
        refused = "can’t establish a connection to the server at ws://" if way == "fallback" else None
        assert [line for line in await widget.complaints() if not refused or refused not in line] == []
        print(f"{way}: the answer's loudness was {level:.3f}")


async def test_the_word_that_sounds_is_marked(firefox: Firefox) -> None:
    async with (
        house(voice=doubles.Voice(ms_per_char=100)) as server,
        shop(firefox, server.url, "v2") as widget,
    ):
        await widget.open()
        await widget.ask("When?")
        words: list[str] = []

        async def is_said() -> bool:
            marked = await widget.evaluate("[...(CSS.highlights.get('voicechat-word') ?? [])].map(String)")
            words.extend(word for word in marked if word not in words)
            return "then!" in words

        await eventually(is_said)
        assert words[-3:] == ["See", "you", "then!"]
        colour = (
            "getComputedStyle(root.querySelector('.prose'), '::highlight(voicechat-word)').backgroundColor"
        )
        assert await widget.evaluate(colour) == "rgb(15, 107, 97)"
        await widget.picture("firefox-spoken-word")
        assert await widget.complaints() == []


async def test_a_tapped_word_is_where_the_voice_goes_on(firefox: Firefox) -> None:
    voice = doubles.Voice(ms_per_char=100)
    async with house(voice=voice) as server, shop(firefox, server.url, "v2") as widget:
        await widget.open()
        await widget.ask("When?")
        await widget.reads(".assistant .prose", "See you then!")

        async def is_stored() -> bool:
            status = "[...root.querySelectorAll('.assistant')].at(-1).dataset.status"
            return await widget.evaluate(status) == "complete"

        await eventually(is_stored)
        await widget.tap("you")

        async def is_said() -> bool:
            return "you then!" in voice.texts

        await eventually(is_said)
        await eventually(lambda: widget.evaluate("chat.playhead"))
        assert await widget.complaints() == []


@both_modes
async def test_a_spoken_question_is_heard_as_long_as_it_was(firefox: Firefox, mode: str) -> None:
    ears = doubles.Ears()
    async with house(ears=ears) as server, shop(firefox, server.url, mode) as widget:
        await widget.open()
        await widget.click("Speak your question")
        await widget.reads("[role=timer]", "0:01")
        began = time.monotonic()
        await widget.reads("[role=timer]", "0:02")
        await widget.picture(f"firefox-{mode}-recording")
        await widget.click("Send the recording")
        await widget.reads(".user .bubble", "when are you open")
        seconds = 1 + time.monotonic() - began
        await widget.reads(".assistant .bubble", "See you then!")
        (recording,) = ears.recordings
        sound = np.frombuffer(decode(recording, rate=HEARING_RATE, max_seconds=60), "<i2") / 32_768
        # On a busy machine Firefox drops a tenth or two; a recorder that begins late loses half a second.
        assert 1.6 < len(sound) / HEARING_RATE < seconds + 1
        loudness = float(np.sqrt(np.mean(sound**2)))
        assert loudness > 0.01
        assert await widget.complaints() == []
        print(f"{mode}: {recording.container}, {len(sound) / HEARING_RATE:.2f} s, {loudness:.3f} loud")
