"""What a page is told of an answer while it comes and sounds."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests import doubles

from .conftest import Chromium
from .house import LONG, both_modes, house
from .layouts import another_site
from .widget import Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEEP = """
  window.told = [];
  for (const name of ['ready', 'status', 'message', 'speechstart', 'speechend'])
    document.addEventListener('voicechat:' + name, ({ detail, composed }) =>
      told.push([name, detail, composed]));
"""


async def events(widget: Widget, *names: str) -> list[tuple[str, dict[str, object]]]:
    found: list[tuple[str, dict[str, object], bool]] = await widget.page.evaluate("told")
    assert all(composed for _, _, composed in found)
    return [(name, detail) for name, detail, _ in found if name in names]


@both_modes
async def test_a_message_is_told_with_its_number(chromium: Chromium, mode: str) -> None:
    async with (
        house(doubles.Brain("From nine ", "to six.")) as server,
        another_site(chromium, server, f"data-mode={mode}", script=KEEP) as widget,
    ):
        await widget.open()
        await widget.ask("When?")
        await expect(widget.button("Copy all")).to_be_visible()
        assert [name for name, _ in await events(widget, "ready")] == ["ready"]
        question, answer = [detail for _, detail in await events(widget, "message")]
        assert question == {"n": None, "role": "user", "text": "When?", "status": "queued", "spoken": False}
        assert answer == {
            "n": 2 if mode == "v2" else None,
            "role": "assistant",
            "text": "From nine to six.",
            "status": "complete",
            "spoken": False,
        }


@both_modes
async def test_how_the_line_is_is_told_once_each_time_it_changes(chromium: Chromium, mode: str) -> None:
    async with (
        house() as server,
        another_site(chromium, server, f"data-mode={mode}", script=KEEP) as widget,
    ):
        await widget.open()
        await widget.ask("When?")
        await expect(widget.button("Copy all")).to_be_visible()
        states = [detail["state"] for _, detail in await events(widget, "status")]
        assert states == ["connecting", "connected"]


@both_modes
async def test_the_voices_begin_and_end_are_told(chromium: Chromium, mode: str) -> None:
    async with (
        house(LONG, voice=doubles.Voice(ms_per_char=10)) as server,
        another_site(chromium, server, f"data-mode={mode}", script=KEEP) as widget,
    ):
        await widget.open()
        await widget.ask("When?")
        await eventually(lambda: events(widget, "speechend"))
        await widget.silent()
        names = [name for name, _ in await events(widget, "speechstart", "speechend")]
        assert names == ["speechstart", "speechend"]
        await widget.button("Answers by voice").click()
        await widget.ask("And now?")
        await expect(widget.button("Copy all").last).to_be_visible()
        assert len(await events(widget, "speechstart")) == 1
