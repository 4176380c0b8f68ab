"""Where the chat stands: as a part of the page, or in a window that the site's own button opens."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from .conftest import Chromium
from .house import LONG, house
from .layouts import HEAD, PHONE, TALL, active, box_of, page_with, region
from .widget import Widget

pytestmark = pytest.mark.asyncio(loop_scope="session")

# ── As a part of the page ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("placed", ["target", "script", "element"])
async def test_inline_it_stands_where_it_was_put_and_waits_for_a_click(
    chromium: Chromium, placed: str
) -> None:
    box = "<main id=place style='margin:40px;width:520px;height:560px'>{}</main>"
    async with house(LONG) as server:
        script = f"<script async src={server.url}/chat.js {{}}></script>"
        inline = "data-layout=inline"
        body = {
            "target": script.format(f"{inline} data-target=#place") + box.format(""),
            "script": box.format(script.format(inline)),
            "element": script.format("") + box.format(f"<voice-chat {inline}></voice-chat>"),
        }[placed]
        async with chromium.site(HEAD + body + TALL) as url:
            context = await chromium.context()
            widget = Widget(await context.new_page())
            asked: list[str] = []
            widget.page.on("request", lambda request: asked.append(request.url))
            widget.page.on("websocket", lambda socket: asked.append(socket.url))
            await widget.page.goto(url)
            await expect(widget.launcher).to_have_text("")
            await expect(widget.launcher).to_have_accessible_name("Chat with us")
            await widget.page.wait_for_load_state("networkidle")
            assert [address for address in asked if server.url in address] == [f"{server.url}/chat.js"]
            stored = "[localStorage.length, sessionStorage.length, document.cookie]"
            assert await widget.page.evaluate(stored) == [0, 0, ""]
            place = await box_of(widget.page.locator("#place"))
            assert await box_of(widget.page.locator("voice-chat")) == place
            await widget.picture(f"inline-{placed}-before")
            await widget.launcher.click()
            await expect(widget.panel).to_have_count(0)
            await expect(region(widget).locator(".status")).to_have_text("Connected")
            assert await box_of(region(widget)) == place
            field = region(widget).get_by_role("textbox")
            await expect(field).to_be_focused()
            await expect(widget.launcher).to_be_hidden()
            await expect(region(widget).get_by_role("button", name="Close the chat")).to_have_count(0)
            await field.fill("When are you open?")
            await field.press("Enter")
            await expect(region(widget).locator(".assistant .bubble").last).to_contain_text("eleven")
            await field.press("Escape")
            await widget.page.evaluate("document.querySelector('voice-chat').close()")
            await expect(region(widget)).to_be_visible()
            await widget.picture(f"inline-{placed}-answered")


async def test_inline_it_grows_with_its_place_and_is_never_lower_than_320_pixels(chromium: Chromium) -> None:
    async with page_with(
        chromium, "data-layout=inline data-target=#place", before="<div id=place style='width:400px'></div>"
    ) as (widget, _):
        await widget.launcher.click()
        await expect(region(widget).locator(".status")).to_have_text("Connected")
        assert (await box_of(region(widget)))["height"] == 320
        await widget.picture("inline-low")
        await widget.page.evaluate("document.getElementById('place').style.height = '610px'")
        assert (await box_of(region(widget)))["height"] == 610


async def test_inline_it_opens_with_the_page_and_takes_neither_focus_nor_scrolling(
    chromium: Chromium,
) -> None:
    # Nobody has touched the page: what Playwright asks it counts as a visitor's gesture otherwise.
    untouched = (
        "<script>Object.defineProperty(navigator, 'userActivation', { value: { isActive: false } })</script>"
    )
    async with page_with(
        chromium,
        "data-layout=inline data-open data-target=#place",
        before=f"{untouched}<input id=search autofocus>{TALL}<div id=place></div>",
        color_scheme="dark",
    ) as (widget, _):
        await expect(region(widget).locator(".status")).to_have_text("Connected")
        assert await active(widget) == "search"
        assert await widget.page.evaluate("scrollY") == 0


async def test_a_part_of_the_page_stays_one_on_a_phone(chromium: Chromium) -> None:
    async with page_with(
        chromium, "data-layout=inline data-target=#place", before="<div id=place></div>" + TALL, **PHONE
    ) as (widget, _):
        await widget.launcher.tap()
        await expect(region(widget).locator(".status")).to_have_text("Connected")
        assert not await region(widget).evaluate("it => it.matches(':modal')")
        assert (await box_of(region(widget)))["height"] == 320
        await widget.picture("inline-phone")


# ── Without a launcher ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("device", ["desktop", "phone"])
@pytest.mark.parametrize("layout", ["none", "popup"])
async def test_the_sites_own_button_opens_it_and_gets_the_focus_back(
    chromium: Chromium, layout: str, device: str
) -> None:
    button = "<button id=own onclick='document.querySelector(\"voice-chat\").open()'>Help</button>"
    async with page_with(
        chromium,
        f"data-layout={layout}",
        before=button,
        reduced_motion="reduce",
        **(PHONE if device == "phone" else {}),
    ) as (widget, _):
        await expect(widget.launcher).to_be_visible(visible=layout == "popup")
        await widget.page.locator("#own").click()
        await expect(widget.status).to_have_text("Connected")
        box = await box_of(widget.panel)
        if device == "phone":
            assert box == {"x": 0, "y": 0, "width": 390, "height": 780}
        else:
            assert box["x"] + box["width"] == 1280 - 24
            # Without a launcher the panel stands in the corner itself.
            assert box["y"] + box["height"] == 860 - 24 - (60 + 16 if layout == "popup" else 0)
        await widget.picture(f"{layout}-own-button-{device}")
        await widget.button("Close the chat").click()
        await expect(widget.panel).to_be_hidden()
        assert await active(widget) == "own"
