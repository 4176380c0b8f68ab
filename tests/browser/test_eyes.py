"""What those see who need other colours, more contrast or less motion."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from .conftest import Chromium
from .layouts import ask, page_with

pytestmark = pytest.mark.asyncio(loop_scope="session")

EYES: dict[str, dict[str, Any]] = {
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
    "forced-dark": {"forced_colors": "active", "color_scheme": "dark"},
    "contrast": {"contrast": "more"},
    "contrast-dark": {"contrast": "more", "color_scheme": "dark"},
}


@pytest.mark.parametrize("eyes", EYES)
async def test_every_control_is_seen(chromium: Chromium, eyes: str) -> None:
    options = EYES[eyes]
    async with page_with(chromium, **options) as (widget, _):
        await widget.picture(f"eyes-{eyes}-closed")
        await widget.open()
        await widget.picture(f"eyes-{eyes}-opened")
        await ask(widget)
        await widget.field.fill("And on Sunday?")
        await expect(widget.button("Listen")).to_be_visible()
        await widget.picture(f"eyes-{eyes}-answered")
        await widget.field.fill("")
        await widget.begin_recording()
        await widget.picture(f"eyes-{eyes}-recording")
        if "contrast" in options:
            colors = await widget.status.evaluate(
                "it => [getComputedStyle(it).color, getComputedStyle(it.closest('.panel')).color]"
            )
            assert colors[0] == colors[1]
        if "forced_colors" in options:
            for name in ("Send the recording", "Throw the recording away", "Close the chat"):
                style = await widget.button(name).evaluate("it => getComputedStyle(it).borderTopStyle")
                assert style == "solid"


async def test_reduced_motion_moves_nothing(chromium: Chromium) -> None:
    async with page_with(chromium, reduced_motion="reduce") as (widget, _):
        await widget.open()
        await widget.ask("When are you open?")
        await expect(widget.answers.last).to_contain_text("eleven")
        moving = """
          [...document.querySelector('voice-chat').shadowRoot.querySelectorAll('*')].filter((it) => {
            const { transitionDuration, animationName, animationDuration } = getComputedStyle(it);
            const plays = animationName !== 'none' && parseFloat(animationDuration) > 0;
            return plays || parseFloat(transitionDuration) > 0;
          }).map((it) => it.className.baseVal ?? it.className)
        """
        assert await widget.page.evaluate(moving) == []
