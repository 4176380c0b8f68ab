"""A page whose origin the server does not let in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.async_api import Route, expect

from .conftest import LIGHT, Chromium, Served
from .house import both_modes, house
from .widget import Widget

pytestmark = pytest.mark.asyncio(loop_scope="session")

OTHER = "https://your.site"


def tag(server: str, mode: str) -> str:
    return f"<!doctype html><title>Shop</title><script async src={server}/chat.js data-mode={mode}></script>"


async def expect_refused(widget: Widget, origin: str) -> None:
    """See that the visitor is told, without a button to try again, and the site's owner once."""
    await expect(widget.status).to_have_text("Not connected")
    await expect(widget.hint).to_have_text("The assistant does not let this site in.")
    await expect(widget.button("Try again")).to_be_hidden()
    (warning,) = widget.warnings
    assert f"VOICECHAT_ORIGINS={origin}" in warning


@both_modes
async def test_a_page_of_an_origin_that_is_not_allowed_is_told_so_and_tries_no_more(
    chromium: Chromium, mode: str
) -> None:
    async with house(origins=OTHER) as server, chromium.site(tag(server.url, mode)) as url:
        widget = await chromium.widget(url)
        await widget.page.clock.install()
        asked: list[str] = []
        widget.page.on("request", lambda request: asked.append(request.url))
        widget.page.on("websocket", lambda socket: asked.append(socket.url))
        await widget.launcher.click()
        await expect_refused(widget, url.rstrip("/"))
        await widget.picture(f"{mode}-origin-refused")
        await widget.field.press_sequentially("Hello?")
        await widget.field.press("Enter")
        await widget.button("Close the chat").click()
        await widget.launcher.click()
        await widget.page.clock.fast_forward(300_000)
        await expect_refused(widget, url.rstrip("/"))
        assert [address for address in asked if "/widget/" not in address] == [f"{server.url}/api/config"]


@both_modes
async def test_so_is_a_page_of_the_servers_own_that_its_list_lacks(chromium: Chromium, mode: str) -> None:
    async with house(origins=OTHER) as server:
        context = await chromium.context()
        widget = Widget(await context.new_page())

        async def page(route: Route) -> None:
            await route.fulfill(body=tag(server.url, mode), content_type="text/html")

        await widget.page.route("**/beside", page)
        await widget.page.goto(f"{server.url}/beside")
        await widget.launcher.click()
        await expect_refused(widget, server.url)


@both_modes
async def test_so_is_a_page_that_a_restarted_server_lets_in_no_more(
    chromium: Chromium, start: Callable[..., Served], mode: str
) -> None:
    served = start(**LIGHT)
    async with chromium.site(tag(served.url, mode)) as url:
        widget = await chromium.widget(url)
        await widget.open()
        served.stop()
        start(port=served.port, origins=OTHER, **LIGHT)
        if mode == "v1":
            # Nothing is open between two questions: the next one finds out.
            await widget.ask("When are you open on Saturday?")
            await expect(widget.panel.locator(".fault").last).to_have_text(
                "The assistant does not let this site in."
            )
        await expect_refused(widget, url.rstrip("/"))
