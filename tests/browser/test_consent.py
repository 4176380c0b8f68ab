"""What a visitor is told before writing, and agreeing before anything is sent."""

from __future__ import annotations

import pytest
from playwright.async_api import Request, expect

from .conftest import Chromium
from .house import both_modes, house
from .layouts import shop

pytestmark = pytest.mark.asyncio(loop_scope="session")

AGREE = "I agree"


@both_modes
async def test_nothing_is_sent_or_stored_before_the_visitor_agrees(chromium: Chromium, mode: str) -> None:
    async with house() as server, shop(chromium, server, f"data-mode={mode} data-consent=required") as widget:
        asked: list[str] = []

        def keep(request: Request) -> None:
            asked.append(request.url)

        widget.page.on("request", keep)
        widget.page.on("websocket", lambda socket: asked.append(socket.url))
        await widget.launcher.click()
        await expect(widget.hint).to_contain_text("once you agree")
        await widget.ask("When?")
        await widget.page.evaluate("dispatchEvent(new Event('online'))")
        await widget.page.evaluate("document.querySelector('voice-chat').send('And where?')")
        await widget.picture(f"consent-{mode}")
        await expect(widget.field).to_have_value("When?")
        await expect(widget.questions).to_have_count(0)
        assert [one for one in asked if "/widget/" not in one] == []
        assert await widget.page.evaluate("sessionStorage.length + localStorage.length") == 0
        assert await widget.page.evaluate("told.some(({ name }) => name === 'consent')") is False
        await widget.button(AGREE).click()
        await expect(widget.questions).to_have_text(["You: When?", "You: And where?"])
        await expect(widget.field).to_have_value("")
        assert await widget.page.evaluate("told.some(({ name }) => name === 'consent')") is True
        await expect(widget.button("Copy all")).to_have_count(2)
        await widget.page.reload()
        await widget.open()
        await expect(widget.questions).to_have_count(2)
        await expect(widget.button(AGREE)).to_have_count(0)


async def test_who_begins_a_new_conversation_has_agreed_already(chromium: Chromium) -> None:
    async with house() as server, shop(chromium, server, "data-consent=required") as widget:
        await widget.launcher.click()
        await widget.button(AGREE).click()
        await expect(widget.status).to_have_text("Connected")
        await widget.page.evaluate("document.querySelector('voice-chat').reset()")
        await expect(widget.status).to_have_text("Connected")


async def test_a_closed_chat_that_is_opened_again_still_asks(chromium: Chromium) -> None:
    async with house() as server, shop(chromium, server, "data-consent=required") as widget:
        await widget.launcher.click()
        await expect(widget.button(AGREE)).to_be_visible()
        await widget.field.press("Escape")
        await widget.launcher.click()
        await expect(widget.button(AGREE)).to_be_visible()
        await expect(widget.status).to_have_text("Paused")


async def test_what_visitors_should_know_stands_above_the_field(chromium: Chromium) -> None:
    notice = 'data-notice="An assistant answers here." data-privacy-url=https://shop.example/privacy'
    async with house() as server, shop(chromium, server, notice) as widget:
        await widget.open()
        line = widget.panel.locator(".print")
        await expect(line).to_have_text("An assistant answers here. Privacy")
        link = line.get_by_role("link", name="Privacy")
        await expect(link).to_have_attribute("href", "https://shop.example/privacy")
        await widget.picture("notice")


@pytest.mark.parametrize("address", ["", "javascript:alert(1)"])
async def test_what_is_no_address_of_the_web_is_no_link(chromium: Chromium, address: str) -> None:
    async with (
        house() as server,
        shop(chromium, server, f"data-notice=Hello data-privacy-url='{address}'") as widget,
    ):
        await widget.open()
        await expect(widget.panel.locator(".print")).to_have_text("Hello")
        assert await widget.panel.locator(".print a").count() == 0
