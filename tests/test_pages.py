"""The site at `/`, in a real Chromium, and what other addresses answer."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from playwright.async_api import async_playwright, expect

import voicechat

from .browser.conftest import NO_CHROMIUM, Browsers, Chromium, find_chromium
from .conftest import Server, serving


@pytest.fixture
async def chromium(tmp_path: Path) -> AsyncIterator[Chromium]:
    async with async_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            pytest.skip(NO_CHROMIUM)
        browsers = Browsers(playwright, path)
        chromium = Chromium(browsers, tmp_path)
        yield chromium
        await chromium.close()
        await browsers.close()


async def test_a_page_that_the_list_of_origins_lacks_says_so_in_place_of_the_popup(
    chromium: Chromium,
) -> None:
    async with serving(origins="https://your.site") as server:
        widget = await chromium.widget(server.url)
        await expect(widget.page.locator("#refused")).to_contain_text(f"{server.url} to VOICECHAT_ORIGINS")
        await expect(widget.page.locator("voice-chat")).to_have_count(0)
        await widget.picture("site-refused")


async def test_without_a_list_of_origins_the_page_has_its_popup(chromium: Chromium) -> None:
    async with serving() as server:
        widget = await chromium.widget(server.url)
        async with widget.page.expect_response(lambda r: r.request.method == "OPTIONS") as asked:
            await widget.page.reload()
        assert (await asked.value).status == 204
        await expect(widget.launcher).to_be_visible()
        await expect(widget.page.locator("#refused")).to_be_hidden()


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [
        ("gzip, deflate, br, zstd", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("GZIP", True),
        ("identity", False),
        ("", False),
        ("br, gzip;q=0", False),
        ("gzip;q=0.0, deflate", False),
        ("notgzip", False),
    ],
)
async def test_the_widgets_files_are_packed_for_who_takes_them_packed(accepted: str, is_packed: bool) -> None:
    headers = {"Accept-Encoding": accepted}
    async with serving() as server, ClientSession(auto_decompress=False) as http:
        async with http.get(server.url + "/chat.js", headers=headers) as response:
            body = await response.read()
            assert response.headers["Vary"] == "Accept-Encoding"
            assert response.headers.get("Content-Encoding") == ("gzip" if is_packed else None)
    built = (Path(voicechat.__file__).parent / "widget" / "chat.js").read_bytes()
    assert (gzip.decompress(body) if is_packed else body) == built
    assert len(body) <= 3 * 1024 or not is_packed


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/nothing", "/api/nothing", "/ws/nothing", "/chat.js.map"])
async def test_an_unknown_address_is_not_found_by_any_method(server: Server, method: str, path: str) -> None:
    async with server.http.request(method, server.url + path) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/", "GET, HEAD"),
        ("POST", "/ws", "GET, HEAD"),
        ("DELETE", "/chat.js", "GET, HEAD"),
        ("GET", "/api/message", "POST"),
    ],
)
async def test_a_known_address_names_the_methods_that_it_takes(
    server: Server, method: str, path: str, allowed: str
) -> None:
    async with server.http.request(method, server.url + path) as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"]) == (405, "bad_method")
    assert error["message"] == f"Use {allowed} here."


@pytest.mark.parametrize("headers", [{}, {"Upgrade": "websocket"}])
async def test_the_websockets_address_without_an_upgrade_is_told_as_json(
    server: Server, headers: dict[str, str]
) -> None:
    async with server.http.get(server.url + "/ws", headers=headers) as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"]) == (400, "bad_request")
    assert "upgrade" in error["message"].lower() and "\n" not in error["message"]
