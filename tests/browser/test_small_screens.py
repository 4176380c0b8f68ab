"""The chat on phones, with their keyboard, and in windows that are enlarged."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from .conftest import Chromium
from .layouts import HEAD, PHONE, TALL, ask, box_of, page_with
from .widget import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEYBOARD = """
  const real = window.visualViewport;
  const viewport = new EventTarget();
  Object.assign(viewport, { scale: 1, offsetTop: 0, offsetLeft: 0, height: real.height, width: real.width });
  Object.defineProperty(window, 'visualViewport', { value: viewport });
  window.slideKeyboardIn = (height, scrolled) => {
    Object.assign(viewport, { height: innerHeight - height, offsetTop: scrolled });
    viewport.dispatchEvent(new Event('resize'));
  };
"""
"""
Run before the page's own scripts: a visual viewport as phones have it, over which a keyboard slides while
the page's own size stays. Chromium on a desktop has no such keyboard.
"""


async def test_the_keyboard_of_a_phone_covers_neither_the_field_nor_the_newest_message(
    chromium: Chromium,
) -> None:
    async with page_with(chromium, after=TALL, script=KEYBOARD, **PHONE) as (widget, _):
        await widget.open()
        await ask(widget)
        await ask(widget)
        await widget.field.tap()
        await widget.page.evaluate("slideKeyboardIn(340, 60)")
        box = await box_of(widget.panel)
        assert (box["y"], box["height"]) == (60, 440)
        for part in (widget.field, widget.answers.last, widget.button("Close the chat")):
            shown = await box_of(part)
            assert shown["y"] >= 60 and shown["y"] + shown["height"] <= 500
        await widget.picture("phone-keyboard")
        await widget.page.evaluate("slideKeyboardIn(0, 0)")
        assert (await box_of(widget.panel))["height"] == 780


async def test_fingers_that_enlarge_the_page_are_no_keyboard(chromium: Chromium) -> None:
    async with page_with(chromium, script=KEYBOARD, reduced_motion="reduce", **PHONE) as (widget, _):
        await widget.open()
        await widget.page.evaluate("visualViewport.scale = 2; slideKeyboardIn(390, 0)")
        assert (await box_of(widget.panel))["height"] == 780


async def test_the_page_behind_a_phones_chat_stays_where_it_was(chromium: Chromium) -> None:
    head = HEAD + "<style>html{scroll-behavior:smooth;overflow-y:scroll!important}</style>"
    async with page_with(chromium, head=head, before=TALL, **PHONE) as (widget, _):
        await widget.page.evaluate("scrollTo({ top: 700, behavior: 'instant' })")
        await widget.open()
        await widget.page.mouse.move(200, 30)
        await widget.page.mouse.wheel(0, 500)
        # What scrolls does so with the next frame.
        await widget.page.evaluate(
            "new Promise(then => requestAnimationFrame(() => requestAnimationFrame(then)))"
        )
        assert await widget.page.evaluate("scrollY") == 700
        await widget.button("Close the chat").click()
        assert await widget.page.evaluate("[scrollY, document.documentElement.style.overflow]") == [700, ""]
        await widget.page.mouse.wheel(0, 500)

        async def scrolls() -> bool:
            return bool(await widget.page.evaluate("scrollY > 700"))

        await eventually(scrolls)


SMALL = {
    "narrow": {"viewport": {"width": 320, "height": 568}},
    "lying": {**PHONE, "viewport": {"width": 780, "height": 390}},
    "enlarged-200": {"viewport": {"width": 640, "height": 430}, "device_scale_factor": 2},
    "enlarged-400": {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 4},
}


@pytest.mark.parametrize("screen", SMALL)
async def test_on_a_small_screen_nothing_is_lost_and_nothing_scrolls_sideways(
    chromium: Chromium, screen: str
) -> None:
    async with page_with(chromium, **SMALL[screen]) as (widget, _):
        await widget.open()
        await widget.picture(f"small-{screen}-opened")
        await ask(widget)
        await widget.field.fill("And on Sunday?")
        await widget.picture(f"small-{screen}-answered")
        assert await widget.panel.evaluate("it => it.matches(':modal')")
        width, height = SMALL[screen]["viewport"].values()
        for name in ("Close the chat", "Send", "Speak your question"):
            box = await box_of(widget.button(name))
            assert box["x"] >= 0 and box["x"] + box["width"] <= width
            assert box["y"] >= 0 and box["y"] + box["height"] <= height
        for part in (".log", ".list", ".foot", ".head"):
            wide = await widget.panel.locator(part).evaluate("it => it.scrollWidth > it.clientWidth")
            assert not wide, part
        for part in (".suggestions", ".suggestion"):
            box = await box_of(widget.panel.locator(part).first)
            assert box["height"] >= 40, part
        size = await widget.field.evaluate("it => parseFloat(getComputedStyle(it).fontSize)")
        assert size >= 16


async def test_a_window_that_is_made_small_keeps_what_is_being_written(chromium: Chromium) -> None:
    async with page_with(chromium) as (widget, _):
        await widget.open()
        await widget.field.fill("I was just wri")
        await widget.page.set_viewport_size({"width": 400, "height": 700})

        async def is_modal() -> bool:
            return bool(await widget.panel.evaluate("it => it.matches(':modal')"))

        await eventually(is_modal)
        await expect(widget.field).to_be_focused()
        await expect(widget.field).to_have_value("I was just wri")
