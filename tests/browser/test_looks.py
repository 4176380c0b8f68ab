"""How it looks: on a phone, in the dark, in forced colours, on a hostile page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from .conftest import Chromium
from .house import LONG, house
from .widget import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_phone_it_fills_the_screen_and_is_modal(chromium: Chromium, scheme: str) -> None:
    phone: dict[str, Any] = {
        "viewport": {"width": 390, "height": 780},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
        "color_scheme": scheme,
    }
    async with house(LONG) as server:
        widget = await chromium.widget(server.url, **phone)
        await widget.picture(f"phone-{scheme}-closed")
        await widget.open()

        async def fills() -> bool:
            box = await widget.panel.bounding_box()
            return box == {"x": 0, "y": 0, "width": 390, "height": 780}

        await eventually(fills)
        assert await widget.panel.evaluate("it => it.matches(':modal')")
        await widget.picture(f"phone-{scheme}-opened")
        await widget.field.tap()
        await widget.ask("When are you open?")
        await expect(widget.answers.last).to_contain_text("eleven")
        await widget.picture(f"phone-{scheme}-answered")


async def test_dark_mode_follows_the_system_or_the_site(chromium: Chromium) -> None:
    async with house(LONG) as server:
        widget = await chromium.widget(server.url, color_scheme="dark")
        await widget.open()
        await widget.ask("When are you open?")
        await expect(widget.answers.last).to_contain_text("eleven")
        await widget.picture("dark-answered")
        background = "it => getComputedStyle(it).backgroundColor"
        assert await widget.panel.evaluate(background) == "rgb(23, 28, 27)"
        await widget.page.evaluate("document.querySelector('voice-chat').dataset.theme = 'light'")
        assert await widget.panel.evaluate(background) == "rgb(255, 255, 255)"


async def test_forced_colours_keep_every_border(chromium: Chromium) -> None:
    async with house(LONG) as server:
        widget = await chromium.widget(server.url, forced_colors="active")
        await widget.open()
        await widget.ask("When are you open?")
        await expect(widget.answers.last).to_contain_text("eleven")
        border = await widget.answers.last.evaluate("it => getComputedStyle(it).borderTopStyle")
        assert border == "solid"
        await widget.picture("forced-colours")


async def test_a_hostile_style_of_the_host_does_not_get_in(chromium: Chromium) -> None:
    style = (
        "<style>*{all:revert!important;letter-spacing:9px;text-transform:uppercase;font-size:40px}"
        "button{padding:33px!important;background:red!important}div{display:none!important}</style>"
    )
    async with house() as server:
        body = f"<!doctype html><title>Shop</title>{style}<script async src={server.url}/chat.js></script>"
        async with chromium.site(body) as url:
            widget = await chromium.widget(url)
            await widget.open()
            shown = await widget.panel.evaluate(
                "it => { const style = getComputedStyle(it);"
                " return [style.letterSpacing, style.textTransform, it.clientWidth]; }"
            )
            assert shown == ["normal", "none", 402]
            box = await widget.launcher.bounding_box()
            assert box is not None and (box["width"], box["height"]) == (60, 60)
