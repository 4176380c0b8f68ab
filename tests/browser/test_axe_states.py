"""Every state of the widget, judged by axe and kept as pictures, in every light and direction."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from playwright.async_api import expect

from tests import doubles
from voicechat.errors import NothingHeard, ProviderFailed

from .axe import faults
from .conftest import Chromium
from .house import LONG, house
from .layouts import another_site
from .widget import REFUSE_SOUND, Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

TABLE = "| Day | Hours |\n|---|---|\n| Monday | 9–18 |"
LINKS = "1. [One](https://shop.example/one)\n2. Two"

MARKED = doubles.Brain(
    f"# Open\n\nFrom **nine** to _six_, `by code`.\n\n```sh\nnpm ci\n```\n\n{TABLE}\n\n> Well.\n\n{LINKS}"
)

LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
    "contrast": {"contrast": "more"},
    "rtl": {"dir": "rtl"},
    "enlarged": {"size": {"width": 640, "height": 430}},
    "phone": {"size": {"width": 390, "height": 780}},
}
"""How it may look: a window of 1280 by 860 enlarged to 200 % has 640 by 430 CSS pixels."""


async def look(widget: Widget, *, dir: str = "ltr", size: dict[str, int] | None = None, **media: Any) -> None:
    wanted: dict[str, Any] = {"color_scheme": "light", "forced_colors": "none", "contrast": "no-preference"}
    await widget.page.emulate_media(**{**wanted, **media})
    await widget.page.set_viewport_size(size or {"width": 1280, "height": 860})  # type: ignore[arg-type]
    await widget.page.evaluate("dir => { document.querySelector('voice-chat').dataset.dir = dir; }", dir)


class Stage:
    """Brings a widget into a state."""

    def __init__(self, chromium: Chromium, mode: str, stack: contextlib.AsyncExitStack) -> None:
        self._chromium = chromium
        self._mode = mode
        self._stack = stack

    async def site(
        self, *parts: Any, attributes: str = "", options: dict[str, Any] | None = None, **settings: Any
    ) -> Widget:
        server = await self._stack.enter_async_context(house(*parts, **settings))
        attributes += f" data-mode={self._mode}"
        opened = another_site(self._chromium, server, attributes, reduced_motion="reduce", **(options or {}))
        return await self._stack.enter_async_context(opened)

    async def closed(self) -> Widget:
        widget = await self.site()
        await widget.launcher.wait_for()
        return widget

    async def opened(self, *parts: Any, **settings: Any) -> Widget:
        widget = await self.site(*parts, **settings)
        await widget.open()
        await expect(widget.button("When are you open?")).to_be_visible()
        return widget

    async def too_long(self) -> Widget:
        widget = await self.opened(limits_text_chars="20")
        await widget.field.fill("When are you open on Sunday?")
        return widget

    async def thinking(self) -> Widget:
        widget = await self.opened(doubles.Brain("never", gate=asyncio.Semaphore(0)))
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("Thinking")
        return widget

    async def streaming(self) -> Widget:
        widget = await self.opened(doubles.Brain("From **nine** ", "never", gate=asyncio.Semaphore(1)))
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("From nine" if self._mode == "v2" else "Thinking")
        return widget

    async def speaking(self) -> Widget:
        widget = await self.opened(LONG, voice=doubles.Voice(ms_per_char=2_000))
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        return widget

    async def answered(self) -> Widget:
        widget = await self.opened(MARKED)
        await widget.ask("When?")
        await widget.button("Good answer").click()
        await expect(widget.panel.locator(".suggestion")).to_have_count(2)
        await widget.silent()
        return widget

    async def message(self) -> Widget:
        widget = await self.answered()
        await widget.panel.get_by_role("log").focus()
        await widget.page.keyboard.press("ArrowUp")
        return widget

    async def stopped(self) -> Widget:
        widget = await self.opened(LONG, voice=doubles.Voice(ms_per_char=2_000))
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        await widget.button("Stop the answer").click()
        await expect(widget.panel.locator("[data-status=cut]")).to_have_count(1)
        return widget

    async def failed(self) -> Widget:
        widget = await self.opened(doubles.Brain(ProviderFailed("It failed.")))
        await widget.ask("When?")
        await expect(widget.panel.locator(".message").get_by_role("button", name="Try again")).to_be_visible()
        return widget

    async def nothing_heard(self) -> Widget:
        widget = await self.opened(ears=doubles.Ears(NothingHeard("nothing")))
        await widget.say(1)
        await expect(widget.questions.last).to_contain_text("Nothing was heard")
        return widget

    async def more(self) -> Widget:
        widget = await self.opened()
        await widget.button("More").click()
        await expect(widget.panel.get_by_role("slider", name="Volume")).to_be_visible()
        return widget

    async def recording(self) -> Widget:
        widget = await self.opened()
        await widget.begin_recording()
        return widget

    async def kept(self) -> Widget:
        widget = await self.recording()
        await widget.tell_track("ended")
        await expect(widget.recording_words).to_contain_text("The microphone went away.")
        return widget

    async def no_microphone(self) -> Widget:
        widget = await self.opened(options={"allow": False})
        await widget.button("Speak your question").click()
        await expect(widget.notice).to_contain_text("not allowed")
        return widget

    async def kept_silent(self) -> Widget:
        widget = await self.site(options={"script": REFUSE_SOUND})
        await widget.page.evaluate("document.documentElement.dataset.refuses = ''")
        await widget.open()
        await widget.ask("When?")
        await expect(widget.hear).to_be_visible()
        return widget

    async def offline(self) -> Widget:
        widget = await self.closed()
        await widget.page.route("**/api/config", lambda route: route.abort())
        await widget.launcher.click()
        await expect(widget.hint).to_contain_text("No connection just now.")
        return widget

    async def agreeing(self) -> Widget:
        notice = "data-notice='What you say is kept for a day.' data-privacy-url=/privacy"
        widget = await self.site(attributes=f"data-consent=required {notice}")
        await widget.launcher.click()
        await expect(widget.button("I agree")).to_be_visible()
        return widget

    async def unread(self) -> Widget:
        gate = asyncio.Semaphore(0)
        widget = await self.opened(doubles.Brain("From nine.", gate=gate))
        await widget.ask("When?")
        await expect(widget.questions).to_have_count(1)
        await widget.field.press("Escape")
        gate.release()
        await expect(widget.launcher.locator(".badge")).to_have_text("1")
        return widget


IN_BOTH_MODES = (
    Stage.thinking,
    Stage.streaming,
    Stage.speaking,
    Stage.failed,
    Stage.recording,
    Stage.offline,
)
"""Those that come about in another way in each mode."""

IN_ONE = (
    Stage.closed,
    Stage.opened,
    Stage.too_long,
    Stage.answered,
    Stage.message,
    Stage.stopped,
    Stage.nothing_heard,
    Stage.more,
    Stage.kept,
    Stage.no_microphone,
    Stage.kept_silent,
    Stage.agreeing,
    Stage.unread,
)

STATES = [(state, mode) for mode in ("v1", "v2") for state in IN_BOTH_MODES] + [(one, "v2") for one in IN_ONE]


def looks_of(number: int) -> dict[str, dict[str, Any]]:
    """
    Return in which looks the state of that *number* is judged: as it is, and in one more, each in its turn.

    With `VOICECHAT_EVERY_LOOK` in all of them, which takes three times as long.
    """
    if os.environ.get("VOICECHAT_EVERY_LOOK"):
        return LOOKS
    others = [name for name in LOOKS if name != "light"]
    return {name: LOOKS[name] for name in ("light", others[number % len(others)])}


@contextlib.asynccontextmanager
async def staged(chromium: Chromium, mode: str) -> AsyncIterator[Stage]:
    async with contextlib.AsyncExitStack() as stack:
        yield Stage(chromium, mode, stack)


@pytest.mark.parametrize(
    ("state", "mode"), STATES, ids=[f"{state.__name__}-{mode}" for state, mode in STATES]
)
async def test_axe_finds_nothing(chromium: Chromium, state: Callable[[Stage], Any], mode: str) -> None:
    async with staged(chromium, mode) as stage:
        widget: Widget = await state(stage)
        found: dict[str, list[str]] = {}
        for name, wishes in looks_of(STATES.index((state, mode))).items():
            await look(widget, **wishes)
            await widget.picture(f"axe-{state.__name__}-{mode}-{name}")
            found[name] = await faults(widget, own_colors="forced_colors" not in wishes)
        assert {name: what for name, what in found.items() if what} == {}
