"""Where the links under an answer lead."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests import doubles
from tests.conftest import serving
from voicechat.dialogue import Passage, Source

from .conftest import Chromium
from .house import both_modes
from .layouts import another_site

pytestmark = pytest.mark.asyncio(loop_scope="session")


def page_at(url: str) -> doubles.Pages:
    return doubles.Pages(Passage(Source("Hours", url), "Hours", "From nine to six.", bearing="answers"))


@both_modes
async def test_on_another_site_a_source_leads_to_the_server_and_leaves_the_site_open(
    chromium: Chromium, mode: str
) -> None:
    async with (
        serving(pages=page_at("/hours")) as server,
        another_site(chromium, server, f"data-mode={mode}", before="<base href=/elsewhere/>") as widget,
    ):
        await widget.open()
        await widget.ask("When?")
        await expect(widget.sources).to_have_count(1)
        assert await widget.sources.evaluate("it => it.href") == f"{server.url}/hours"
        await expect(widget.sources).to_have_attribute("target", "_blank")
        await expect(widget.sources).to_have_attribute("rel", "noopener")
        async with widget.page.expect_popup() as opened:
            await widget.sources.click()
        assert (await opened.value).url == f"{server.url}/hours"
        await expect(widget.panel).to_be_visible()


async def test_on_its_own_site_a_source_opens_in_the_same_window(chromium: Chromium) -> None:
    async with serving(pages=page_at("/hours")) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("When?")
        await expect(widget.sources).to_have_attribute("href", f"{server.url}/hours")
        assert await widget.sources.get_attribute("target") is None


async def test_a_source_with_an_address_of_its_own_leads_there(chromium: Chromium) -> None:
    async with serving(pages=page_at("https://shop.example/hours")) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("When?")
        await expect(widget.sources).to_have_attribute("href", "https://shop.example/hours")
        await expect(widget.sources).to_have_attribute("target", "_blank")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,hi", "mailto:a@shop.example"])
async def test_what_is_no_page_of_the_web_is_no_link(chromium: Chromium, address: str) -> None:
    async with serving(pages=page_at(address)) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("When?")
        await expect(widget.button("Listen")).to_be_visible()
        assert await widget.sources.count() == 0


@pytest.mark.parametrize("address", ["//elsewhere.example/hours", "hours", "/hours", " javascript:hours"])
async def test_whatever_else_a_source_says_it_stays_on_the_server(chromium: Chromium, address: str) -> None:
    async with serving(pages=page_at(address)) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("When?")
        await expect(widget.sources).to_have_count(1)
        assert (await widget.sources.evaluate("it => it.href")).startswith(f"{server.url}/")
