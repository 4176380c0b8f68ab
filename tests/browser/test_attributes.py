"""Attributes of the tag that say what the widget does not know."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from .conftest import Chromium
from .house import house
from .layouts import another_site

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("attribute", "value", "allowed"),
    [
        ("data-mode", "v3", "v1,v2,auto"),
        ("data-position", "top", "start,end"),
        ("data-theme", "blue", "auto,light,dark"),
        ("data-layout", "window", "popup,inline,none"),
        ("data-dir", "up", "ltr,rtl"),
        ("data-accent", "blurple", "a CSS colour"),
        ("data-lang", "in English", "a language tag as en or de-CH"),
    ],
)
async def test_a_wrong_value_is_warned_of_once_and_counts_for_nothing(
    chromium: Chromium, attribute: str, value: str, allowed: str
) -> None:
    async with house() as server, another_site(chromium, server, f"{attribute}='{value}'") as widget:
        await widget.open()
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("See you then!")
        assert widget.warnings == [f'{attribute}="{value}" is ignored; allowed: {allowed}']


async def test_right_values_and_empty_ones_are_not_warned_of(chromium: Chromium) -> None:
    head = "<!doctype html><html lang='in English'><title>Shop</title>"
    async with house() as server:
        for attributes in (
            "data-mode=v1 data-position=end data-theme=dark data-accent=teal data-lang=en_GB data-title=Nora"
            " data-layout=popup data-dir=ltr",
            "data-mode data-position data-theme data-accent data-lang data-layout data-dir",
        ):
            async with another_site(chromium, server, attributes, head=head) as widget:
                await widget.open()
                assert widget.warnings == []


async def test_where_no_websocket_gets_through_a_mode_that_there_is_not_goes_on_over_http(
    chromium: Chromium,
) -> None:
    no_websocket = (
        "window.WebSocket = class { constructor() {"
        " setTimeout(() => this.onclose({ code: 1006 })); } close() {} };"
    )
    async with (
        house() as server,
        another_site(chromium, server, "data-mode=v3", script=no_websocket) as widget,
    ):
        await widget.open()
