"""What a site's own style sheet says of the chat: parts, states and custom properties."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests import doubles

from .conftest import Chromium
from .house import LONG, house
from .layouts import HEAD, another_site, box_of
from .widget import Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

PARTS = (
    "launcher badge panel head status log message user assistant bubble code suggestion"
    " composer input send speak notice"
).split()

STATES = "open recording speaking offline".split()


def styled(css: str) -> str:
    return f"{HEAD}<style>{css}</style>"


async def style(widget: Widget, selector: str, name: str) -> str:
    found: str = await widget.page.evaluate(
        "([selector, name]) => getComputedStyle(document.querySelector('voice-chat').shadowRoot"
        ".querySelector(selector)).getPropertyValue(name)",
        [selector, name],
    )
    return found


async def test_each_part_is_reached_by_its_name(chromium: Chromium) -> None:
    css = "".join(f"voice-chat::part({part}) {{ --reached-{part}: yes; }}" for part in PARTS)
    brain = doubles.Brain("Do this:\n\n```\nnpm ci\n```\n")
    async with house(brain) as server, another_site(chromium, server, head=styled(css)) as widget:
        await widget.open()
        await widget.ask("How?")
        await expect(widget.button("Copy all")).to_be_visible()
        for part in PARTS:
            assert await style(widget, f"[part~={part}]", f"--reached-{part}") == "yes", part


async def test_each_state_is_seen_while_it_lasts(chromium: Chromium) -> None:
    css = "".join(f"voice-chat:state({state}) {{ --{state}: yes; }}" for state in STATES)
    slow = doubles.Voice(ms_per_char=100)
    async with house(LONG, voice=slow) as server, another_site(chromium, server, head=styled(css)) as widget:
        host = widget.page.locator("voice-chat")

        async def shows(*states: str) -> None:
            for state in STATES:
                await expect(host).to_have_css(f"--{state}", "yes" if state in states else "")

        await shows()
        await widget.open()
        await shows("open")
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        await shows("open", "speaking")
        await widget.silent()
        await shows("open")
        await widget.begin_recording()
        await shows("open", "recording")
        await widget.button("Throw the recording away").click()
        await shows("open")
        await widget.button("Close the chat").click()
        await shows()


async def test_each_custom_property_is_followed(chromium: Chromium) -> None:
    css = """voice-chat {
      --vc-accent: rgb(1, 2, 3); --vc-on-accent: rgb(250, 251, 252); --vc-bg: rgb(255, 250, 240);
      --vc-text: rgb(60, 30, 0); --vc-bot-bg: rgb(255, 230, 200); --vc-user-bg: rgb(90, 40, 0);
      --vc-user-text: rgb(255, 240, 230);
      --vc-radius: 3px; --vc-font: Georgia; --vc-font-size: 18px; --vc-w: 350px; --vc-h: 500px;
      --vc-inset-x: 50px; --vc-inset-y: 70px; --vc-shadow: none;
    }"""
    async with (
        house() as server,
        another_site(chromium, server, head=styled(css), reduced_motion="reduce") as widget,
    ):
        await expect(widget.launcher).to_have_css("background-color", "rgb(1, 2, 3)")
        await expect(widget.launcher).to_have_css("color", "rgb(250, 251, 252)")
        box = await box_of(widget.launcher)
        assert (1280 - box["x"] - box["width"], 860 - box["y"] - box["height"]) == (50, 70)
        await widget.open()
        await widget.ask("When?")
        await expect(widget.button("Copy all")).to_be_visible()
        await widget.picture("custom-properties")
        box = await box_of(widget.panel)
        assert (box["width"], box["height"]) == (350, 500)
        for name, value in {
            "background-color": "rgb(255, 250, 240)",
            "color": "rgb(60, 30, 0)",
            "border-top-left-radius": "3px",
            "font-family": "Georgia",
            "font-size": "18px",
            "box-shadow": "none",
        }.items():
            await expect(widget.panel).to_have_css(name, value)
        await expect(widget.answers.last).to_have_css("background-color", "rgb(255, 230, 200)")
        await expect(widget.questions.last).to_have_css("background-color", "rgb(90, 40, 0)")
        await expect(widget.questions.last).to_have_css("color", "rgb(255, 240, 230)")
        await expect(widget.answers.last).to_have_css("border-top-left-radius", "3px")
        await widget.field.fill("And now?")
        await expect(widget.button("Send")).to_have_css("background-color", "rgb(1, 2, 3)")
