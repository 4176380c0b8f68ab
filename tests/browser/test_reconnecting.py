"""What the widget does without a server, and when there is one again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.async_api import Route, WebSocket, expect

from .conftest import LIGHT, Chromium, Served
from .house import both_modes
from .widget import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


@both_modes
async def test_a_server_that_restarts_is_found_again_and_gets_what_was_written_meanwhile(
    chromium: Chromium, start: Callable[..., Served], mode: str
) -> None:
    served = start(**LIGHT)
    widget = await chromium.widget(f"{served.url}/?mode={mode}")
    await widget.open()
    await widget.ask("When are you open on Saturday?")
    await expect(widget.answers.last).to_contain_text("17:00")
    served.stop()
    if mode == "v1":
        # Nothing is open between two questions: the next one finds out, and is kept.
        await widget.ask("Do you ship to Switzerland?")
    await expect(widget.status).to_have_text(re.compile(r"Reconnecting in \d+ s"))
    await widget.ask("Do you sell gift cards?")
    await expect(widget.field).to_have_value("")
    await expect(widget.questions.last).to_have_text("You: Do you sell gift cards?")
    await expect(widget.hint).to_have_text("No connection just now.")
    await widget.picture(f"{mode}-reconnecting")
    start(port=served.port, **LIGHT)
    await expect(widget.status).to_have_text("Connected")
    await expect(widget.answers.last).to_contain_text("£10 to £200")
    await expect(widget.panel.locator(".note")).to_contain_text("has forgotten the chat above")
    await widget.picture(f"{mode}-reconnected")


async def test_after_five_tries_there_is_a_button(chromium: Chromium, start: Callable[..., Served]) -> None:
    served = start(**LIGHT)
    widget = await chromium.widget(served.url)
    await widget.page.clock.install()
    await widget.open()
    tries: list[WebSocket] = []
    widget.page.on("websocket", lambda socket: tries.append(socket))
    served.stop()

    async def is_given_up() -> bool:
        # The page's clock goes ahead, the connection does not: each try fails in its own time.
        await widget.page.clock.run_for(500)
        return await widget.status.inner_text() == "Not connected"

    await eventually(is_given_up)
    assert len(tries) == 5
    await expect(widget.hint).to_contain_text("cannot be reached")
    await widget.picture("not-connected")
    start(port=served.port, **LIGHT)
    await widget.button("Try again").click()
    await expect(widget.status).to_have_text("Connected")
    await expect(widget.button("Try again")).to_be_hidden()


async def test_a_server_that_was_away_at_the_first_click_is_found_later(
    chromium: Chromium, start: Callable[..., Served]
) -> None:
    served = start(**LIGHT)
    widget = await chromium.widget(served.url)
    await widget.page.route("**/api/config", lambda route: route.abort())
    await widget.launcher.click()
    await expect(widget.status).to_have_text(re.compile(r"Reconnecting in \d+ s"))
    await widget.page.unroute("**/api/config")
    await expect(widget.status).to_have_text("Connected")


async def test_where_no_websocket_gets_through_the_chat_goes_on_over_http(
    chromium: Chromium, start: Callable[..., Served]
) -> None:
    served = start(**LIGHT)
    body = f"<!doctype html><title>Shop</title><script async src={served.url}/chat.js></script>"
    async with chromium.site(body) as url:
        widget = await chromium.widget(
            url,
            before="window.WebSocket = class { constructor() {"
            " setTimeout(() => this.onclose({ code: 1006 })); } close() {} };",
        )
        await widget.launcher.click()
        await expect(widget.status).to_have_text("Connected")
        await widget.ask("When are you open on Saturday?")
        await expect(widget.answers.last).to_contain_text("17:00")


async def test_a_script_that_does_not_load_leaves_a_launcher_that_tries_again(
    chromium: Chromium, start: Callable[..., Served]
) -> None:
    served = start(**LIGHT)
    widget = await chromium.widget(served.url)
    await widget.page.route("**/widget/app-*", lambda route: route.abort())
    await widget.launcher.click()
    await expect(widget.launcher).to_have_accessible_name("Chat with us – Try again")
    await widget.page.unroute("**/widget/app-*")
    await widget.open()
    await expect(widget.launcher).to_have_accessible_name("Close the chat")


async def test_each_mode_alone_is_used_by_itself(chromium: Chromium, start: Callable[..., Served]) -> None:
    served = start(mode="v1", **LIGHT)
    widget = await chromium.widget(f"{served.url}/?mode=v2")
    await widget.open()
    await widget.ask("When are you open on Saturday?")
    await expect(widget.answers.last).to_contain_text("17:00")
    await expect(widget.page.get_by_label("v2")).to_be_disabled()


async def test_an_engine_that_is_still_loading_is_named(chromium: Chromium, bot: Served) -> None:
    widget = await chromium.widget(bot.url)

    async def warming(route: Route) -> None:
        response = await route.fetch()
        config = await response.json()
        await route.fulfill(response=response, json=config | {"warming": ["stt", "tts"]})

    await widget.page.route("**/api/config", warming)
    await widget.page.get_by_label("v1").check()
    await widget.launcher.click()
    await expect(widget.status).to_contain_text("Warming up")
    await widget.picture("warming-up")
    await widget.page.unroute("**/api/config")
    await expect(widget.status).to_have_text("Connected")
