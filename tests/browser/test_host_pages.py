"""The chat on pages that get in its way, or change under it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from .conftest import Chromium
from .house import house
from .layouts import HEAD, PHONE, ask, box_of, page_with, region
from .widget import Widget

pytestmark = pytest.mark.asyncio(loop_scope="session")

# ── Pages that get in the way ─────────────────────────────────────────────────────────────────────

HOSTILE = {
    "revert": "*{all:revert!important}",
    "buttons": "button{padding:33px!important;background:red!important}div,section{display:none!important}",
    "tiny": "html{font-size:10px;letter-spacing:3px;line-height:3;visibility:hidden}",
    "huge": "html{font-size:24px;text-align:center;text-transform:uppercase}*{font-size:40px!important}",
    "moved": "body{transform:translateX(-300px);filter:blur(1px);contain:strict;height:100px}",
}


@pytest.mark.parametrize("style", HOSTILE)
async def test_a_style_of_the_site_changes_nothing_of_it(chromium: Chromium, style: str) -> None:
    async def measured(widget: Widget) -> list[Any]:
        await widget.open()
        await ask(widget)
        boxes = [widget.launcher, widget.panel, widget.field, widget.answers.last, widget.button("Send")]
        return [await box_of(one) for one in boxes]

    # What moves is measured where it stands in the end.
    async with page_with(chromium, reduced_motion="reduce") as (widget, _):
        plain = await measured(widget)
    head = f"{HEAD}<style>{HOSTILE[style]}</style>"
    async with page_with(chromium, head=head, before="<h1>Shop</h1>", reduced_motion="reduce") as (widget, _):
        assert await measured(widget) == plain
        await widget.picture(f"hostile-{style}")


async def test_a_part_of_the_page_keeps_its_place_under_a_hostile_style(chromium: Chromium) -> None:
    head = f"{HEAD}<style>{HOSTILE['revert']}</style>"
    async with page_with(
        chromium, "data-layout=inline data-target=main", head=head, before="<main></main>"
    ) as (widget, _):
        await widget.launcher.click()
        await expect(region(widget).locator(".status")).to_have_text("Connected")
        assert (await box_of(region(widget)))["height"] == 320


async def test_nothing_that_a_site_stacks_up_lies_above_it_but_a_modal_dialog(chromium: Chromium) -> None:
    wall = (
        "<div style='position:fixed;inset:0;z-index:2147483647;background:#fffc'>Cookies</div>"
        "<dialog id=ask>Really?</dialog>"
    )
    on_top = """
      (selector) => {
        const { shadowRoot } = document.querySelector('voice-chat');
        const { x, y, width, height } = shadowRoot.querySelector(selector).getBoundingClientRect();
        return document.elementFromPoint(x + width / 2, y + height / 2)?.localName;
      }
    """
    async with page_with(chromium, after=wall) as (widget, _):
        await expect(widget.launcher).to_be_visible()
        await widget.page.evaluate(f"document.documentElement.insertAdjacentHTML('beforeend', `{wall}`)")
        assert await widget.page.evaluate(on_top, ".launcher") == "voice-chat"
        await widget.open()
        assert await widget.page.evaluate(on_top, ".panel") == "voice-chat"
        await widget.picture("stacked")
        await widget.page.evaluate("document.getElementById('ask').showModal()")
        assert await widget.page.evaluate(on_top, ".panel") == "dialog"


# ── Pages that change under it ────────────────────────────────────────────────────────────────────


async def test_a_page_whose_body_is_swapped_keeps_the_chat_as_it_is(chromium: Chromium) -> None:
    async with page_with(chromium) as (widget, server):
        await widget.open()
        await ask(widget)
        await widget.field.fill("I was just wri")
        await widget.page.evaluate(
            """(loader) => {
              const body = document.createElement('body');
              const script = document.createElement('script');
              script.src = loader;
              body.append('The next page. ', script);
              const arrived = new Promise((then) => script.addEventListener('load', then));
              document.documentElement.replaceChild(body, document.body);
              return arrived;
            }""",
            f"{server.url}/chat.js",
        )
        await expect(widget.page.locator("voice-chat")).to_have_count(1)
        await expect(widget.field).to_have_value("I was just wri")
        await expect(widget.answers.last).to_contain_text("eleven")
        await widget.field.press("Enter")
        await expect(widget.answers).to_have_count(2)
        await widget.button("Close the chat").click()
        await expect(widget.launcher).to_be_visible()


@pytest.mark.parametrize("device", ["desktop", "phone"])
async def test_an_element_that_is_moved_keeps_its_chat_open(chromium: Chromium, device: str) -> None:
    options = PHONE if device == "phone" else {}
    async with page_with(chromium, before="<main></main>", **options) as (widget, _):
        await widget.open()
        await ask(widget)
        sockets: list[str] = []
        widget.page.on("websocket", lambda socket: sockets.append(socket.url))
        await widget.page.evaluate(
            """async () => {
              const chat = document.querySelector('voice-chat');
              chat.remove();
              for (let i = 0; i < 20; i += 1) await null;
              document.querySelector('main').append(chat);
            }"""
        )
        await expect(widget.panel).to_be_visible()
        assert await widget.panel.evaluate("it => it.matches(':modal')") == (device == "phone")
        await ask(widget)
        assert sockets == []
        await widget.button("Close the chat").click()
        await expect(widget.panel).to_be_hidden()


async def test_a_part_of_the_page_comes_with_the_next_page_again(chromium: Chromium) -> None:
    async with page_with(chromium, "data-layout=inline data-target=main", before="<main></main>") as (
        widget,
        server,
    ):
        await expect(widget.launcher).to_be_visible()
        await widget.page.evaluate(
            """(loader) => {
              const body = document.createElement('body');
              const script = document.createElement('script');
              Object.assign(script.dataset, { layout: 'inline' });
              script.src = loader;
              body.append(script);
              document.documentElement.replaceChild(body, document.body);
            }""",
            f"{server.url}/chat.js",
        )
        await expect(widget.page.locator("body > voice-chat")).to_have_count(1)
        await widget.launcher.click()
        await expect(region(widget).locator(".status")).to_have_text("Connected")


async def test_a_tag_that_stands_there_twice_makes_one_widget(chromium: Chromium) -> None:
    async with house() as server:
        tag = f"<script async src={server.url}/chat.js></script>"
        async with chromium.site(HEAD + tag + tag) as url:
            widget = await chromium.widget(url)
            await widget.page.wait_for_load_state("networkidle")
            await expect(widget.page.locator("voice-chat")).to_have_count(1)
            await widget.open()
