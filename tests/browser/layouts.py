"""Pages of another site with the widget in them, however it stands there."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from playwright.async_api import Locator, expect

from tests.conftest import Server

from .conftest import Chromium
from .house import LONG, house
from .widget import Widget

HEAD = (
    "<!doctype html><html lang=en><title>Shop</title>"
    "<meta name=viewport content='width=device-width,initial-scale=1'>"
)

TALL = "<p style='height:3000px'>A long page.</p>"

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}


@contextlib.asynccontextmanager
async def another_site(
    chromium: Chromium,
    server: Server,
    attributes: str = "",
    *,
    head: str = HEAD,
    before: str = "",
    after: str = "",
    script: str = "",
    headers: dict[str, str] | None = None,
    **options: Any,
) -> AsyncIterator[Widget]:
    """Open a page of another site: *before*, the tag of *server* with *attributes*, *after*."""
    body = f"{head}{before}<script async src={server.url}/chat.js {attributes}></script>{after}"
    async with chromium.site(body, headers) as url:
        yield await chromium.widget(url, before=script, **options)


@contextlib.asynccontextmanager
async def page_with(
    chromium: Chromium, attributes: str = "", **options: Any
) -> AsyncIterator[tuple[Widget, Server]]:
    """Open a page of `another_site`, with a server of its own whose answers are `LONG`."""
    async with house(LONG) as server, another_site(chromium, server, attributes, **options) as widget:
        yield widget, server


KEEP_EVENTS = """
  window.told = [];
  for (const name of ['unread', 'feedback', 'beforesend', 'message', 'error', 'open', 'close', 'consent'])
    addEventListener('voicechat:' + name, ({ detail }) => told.push({ name, ...detail }));
"""


def shop(
    chromium: Chromium, server: Server, attributes: str = "", **options: Any
) -> contextlib.AbstractAsyncContextManager[Widget]:
    """Open a page of `another_site` which keeps the widget's events, for `told`."""
    return another_site(chromium, server, attributes, script=KEEP_EVENTS, **options)


async def told(widget: Widget, name: str) -> list[dict[str, object]]:
    """Return what the events of *name* have said on a page of `shop`, in their order."""
    found: list[dict[str, object]] = await widget.page.evaluate("told")
    return [{k: v for k, v in one.items() if k != "name"} for one in found if one["name"] == name]


async def ask(widget: Widget) -> None:
    await widget.ask("When are you open?")
    await expect(widget.answers.last).to_contain_text("eleven")


async def box_of(locator: Locator) -> dict[str, float]:
    box = await locator.bounding_box()
    assert box is not None
    return dict(box)


async def active(widget: Widget) -> str:
    """What has the focus in the page: an id or a tag's name."""
    found: str = await widget.page.evaluate("document.activeElement.id || document.activeElement.localName")
    return found


def region(widget: Widget) -> Locator:
    return widget.page.get_by_role("region", name="Assistant")
