"""A network that lets no WebSocket through: the chat goes on over HTTP, and comes back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Callable

import pytest
from playwright.async_api import Request, expect

from tests.conftest import serving
from tests.scripted_openai import (
    ANSWER,
    END,
    TRANSCRIPT,
    Gate,
    ScriptedOpenAi,
    Stream,
    scripted_openai,
    tokens,
)

from .conftest import LIGHT, Chromium, Served
from .proxy import Proxy, Upgrades, proxied
from .widget import MEASURE_SOUND, Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = f"Assistant: {''.join(ANSWER)}"


@contextlib.asynccontextmanager
async def behind(upgrades: Upgrades) -> AsyncIterator[tuple[Proxy, ScriptedOpenAi]]:
    """A proxy, the server behind it, and the provider behind the server."""
    async with scripted_openai() as provider:
        settings = {f"{job}_base_url": provider.url for job in ("stt", "chat", "tts")}
        # Of what is heard while it is spoken there may be any number of calls.
        settings["stt_early_calls"] = "0"
        async with (
            serving(as_configured=True, **settings) as server,
            proxied(server.url, upgrades=upgrades) as proxy,
        ):
            yield proxy, provider


def page(proxy: Proxy) -> str:
    """A page with the tag as it is copied: its mode is `auto`."""
    return f"<!doctype html><title>Shop</title><script async src={proxy.url}/chat.js></script>"


def stopping_at(gate: Gate) -> Stream:
    """The scripted answer, which waits in the middle of its sentence."""
    return Stream([*tokens(*ANSWER[:5]), gate, *tokens(*ANSWER[5:]), *END])


def questions_of(widget: Widget) -> list[Request]:
    """Keep what the page asks over HTTP."""
    asked: list[Request] = []

    def keep(request: Request) -> None:
        if request.url.endswith("/api/message") and request.method == "POST":
            asked.append(request)

    widget.page.on("request", keep)
    return asked


async def is_over_http(asked: list[Request]) -> bool:
    return bool(asked)


async def come_back(widget: Widget, proxy: Proxy) -> None:
    """Let WebSockets through, tell the page of a network, and wait until it has a socket that stays."""
    proxy.upgrades = "pass"
    await widget.silent()
    tried = proxy.tried
    await widget.page.evaluate("dispatchEvent(new Event('online'))")

    async def is_open() -> bool:
        return proxy.tried > tried and proxy.open_sockets == 1

    await eventually(is_open)


@pytest.mark.parametrize("upgrades", ["400", "502", "hang", "cut"])
async def test_questions_get_one_answer_each_over_http_and_then_over_a_socket_again(
    chromium: Chromium, upgrades: Upgrades
) -> None:
    async with behind(upgrades) as (proxy, provider), chromium.site(page(proxy)) as url:
        widget = await chromium.widget(url, "saturday.flac")
        asked = questions_of(widget)
        await widget.open()
        gate = Gate()
        provider.next("chat", stopping_at(gate))
        await widget.ask("When?")
        await expect(widget.answers.last).to_have_text(f"Assistant: {''.join(ANSWER[:5])}")
        await eventually(lambda: is_over_http(asked))
        assert await asked[-1].header_value("accept") == "text/event-stream"
        gate.open()
        await expect(widget.answers.last).to_have_text(WHOLE)
        await widget.sounding()
        await widget.silent()

        await widget.say(2)
        await expect(widget.questions.last).to_have_text(f"You: {TRANSCRIPT}")
        await expect(widget.answers.last).to_have_text(WHOLE)
        await widget.sounding()
        await widget.picture(f"fallback-{upgrades}")

        over_http = len(asked)
        await come_back(widget, proxy)
        await widget.ask("And on Sunday?")
        await expect(widget.questions).to_have_text(
            ["You: When?", f"You: {TRANSCRIPT}", "You: And on Sunday?"]
        )
        await expect(widget.answers.last).to_have_text(WHOLE)
        await widget.sounding()
        assert len(asked) == over_http
        assert [len(provider.of(job)) for job in ("chat", "stt")] == [3, 1]
        await expect(widget.answers).to_have_text([WHOLE] * 3)
        await expect(widget.status).to_have_text("Connected")


async def test_an_answer_goes_on_over_http_where_its_socket_broke_and_sounds_once(chromium: Chromium) -> None:
    async with behind("pass") as (proxy, provider), chromium.site(page(proxy)) as url:
        widget = await chromium.widget(url, before=MEASURE_SOUND)
        asked = questions_of(widget)
        await widget.open()
        gate = Gate()
        first, second = "The shop is open from nine to six on all days.", " On Sunday it opens at eleven."
        provider.next("chat", Stream([*tokens(first, second[:4]), gate, *tokens(second[4:]), *END]))
        await widget.ask("When?")
        await widget.sounding()
        assert proxy.open_sockets == 1 and not asked
        proxy.upgrades = "403"
        proxy.cut()
        await eventually(lambda: is_over_http(asked))
        await expect(widget.status).to_have_text("Connected")
        await expect(widget.answers.last).to_have_text(f"Assistant: {first}{second[:4]}")
        gate.open()
        await expect(widget.answers.last).to_have_text(f"Assistant: {first}{second}")
        await widget.sounding()
        await widget.silent()
        spoken = sum(len(str(request.json["input"])) for request in provider.of("tts")) * 0.02
        # MP3 frames are 24 ms long, and an encoder adds one or two at either end.
        assert await widget.page.evaluate("window.seconds") == pytest.approx(spoken, abs=0.25)
        assert len(provider.of("chat")) == 1


async def test_a_recording_whose_socket_broke_while_it_was_heard_is_heard_once(chromium: Chromium) -> None:
    async with behind("pass") as (proxy, provider), chromium.site(page(proxy)) as url:
        widget = await chromium.widget(url, "saturday.flac")
        asked = questions_of(widget)
        await widget.open()
        gate = Gate()
        words = json.dumps({"text": TRANSCRIPT}).encode()
        provider.next("stt", Stream([gate, words], headers={"Content-Type": "application/json"}))
        await widget.say(2)
        await gate.reached.wait()
        proxy.upgrades = "400"
        proxy.cut()
        await eventually(lambda: is_over_http(asked))
        assert '"mime":"audio/wav"' in (asked[0].post_data or "")
        gate.open()
        await expect(widget.questions).to_have_text([f"You: {TRANSCRIPT}"])
        await expect(widget.answers.last).to_have_text(WHOLE)
        await widget.sounding()
        assert [len(provider.of(job)) for job in ("chat", "stt")] == [1, 1]


async def test_a_server_that_restarts_is_waited_for_and_found_again_over_a_socket(
    chromium: Chromium, start: Callable[..., Served]
) -> None:
    served = start(**LIGHT)
    async with proxied(served.url) as proxy, chromium.site(page(proxy)) as url:
        widget = await chromium.widget(url)
        asked = questions_of(widget)
        await widget.open()
        # Elsewhere than here, where the proxy has its work to do.
        await asyncio.to_thread(served.stop)
        await expect(widget.status).to_have_text(re.compile(r"Reconnecting in [2-9]\d* s"))
        await asyncio.to_thread(start, port=served.port, **LIGHT)
        await expect(widget.status).to_have_text("Connected")
        await widget.ask("When are you open on Saturday?")
        await expect(widget.answers.last).to_contain_text("17:00")
        assert proxy.open_sockets == 1 and not asked


async def test_what_waits_for_a_socket_that_never_opens_is_asked_over_http(chromium: Chromium) -> None:
    async with behind("pass") as (proxy, provider), chromium.site(page(proxy)) as url:
        widget = await chromium.widget(url)
        await widget.open()
        proxy.upgrades = "hang"
        proxy.cut()
        await expect(widget.status).not_to_have_text("Connected")
        await widget.ask("When?")
        await expect(widget.answers.last).to_have_text(WHOLE)
        assert len(provider.of("chat")) == 1
        await expect(widget.questions).to_have_text(["You: When?"])


async def test_a_proxy_that_keeps_answers_back_until_they_are_whole_costs_only_the_wait(
    chromium: Chromium,
) -> None:
    async with behind("426") as (proxy, provider), chromium.site(page(proxy)) as url:
        proxy.buffers = True
        widget = await chromium.widget(url)
        await widget.open()
        gate = Gate()
        provider.next("chat", stopping_at(gate))
        await widget.ask("When?")
        await gate.reached.wait()
        await expect(widget.answers.last).to_contain_text("Thinking")
        gate.open()
        await expect(widget.answers.last).to_have_text(WHOLE)
        await widget.sounding()
        assert len(provider.of("chat")) == 1
