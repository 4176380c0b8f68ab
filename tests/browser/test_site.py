"""The demo site: the tag to copy, what runs, the switch."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from .conftest import Chromium, Served

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_tag_is_ready_to_copy(chromium: Chromium, bot: Served) -> None:
    widget = await chromium.widget(bot.url, permissions=["clipboard-read", "clipboard-write"])
    await widget.page.get_by_role("button", name="Copy").click()
    await expect(widget.page.get_by_role("button", name="Copied")).to_be_visible()
    copied = await widget.page.evaluate("navigator.clipboard.readText()")
    assert copied == f'<script async src="{bot.url}/chat.js"></script>'


async def test_it_tells_which_engines_run(chromium: Chromium, bot: Served) -> None:
    widget = await chromium.widget(bot.url)
    await expect(widget.page.locator("#engines")).to_contain_text("whisper · tiny.en")
    await expect(widget.page.locator("#engines")).to_contain_text("piper · en_US-joe-medium")
    await expect(widget.page.get_by_label("v2")).to_be_checked()
    await widget.picture("site")


async def test_the_next_page_keeps_the_mode_that_was_chosen(chromium: Chromium, bot: Served) -> None:
    widget = await chromium.widget(bot.url)
    await widget.page.get_by_label("v1").check()
    assert "mode=v1" in widget.page.url
    await widget.page.get_by_role("navigation").get_by_role("link", name="Shipping").click()
    await expect(widget.page.get_by_role("heading", level=1)).to_have_text("Shipping")
    await expect(widget.page.get_by_label("v1")).to_be_checked()
    assert await widget.element("mode") == "v1"


async def test_no_page_breaks_its_own_policy(chromium: Chromium, bot: Served) -> None:
    widget = await chromium.widget(bot.url, color_scheme="dark")
    await widget.open()
    await widget.picture("site-dark")
    assert await widget.violations() == []
    assert not widget.console
