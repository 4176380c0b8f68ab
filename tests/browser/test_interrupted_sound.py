"""A loudspeaker that the system takes away for a while, as iOS does for a call, a lock or Siri."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from .conftest import Chromium
from .house import LONG, Hum, house
from .widget import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOODY = """
  window.made = [];
  window.resumed = 0;
  const Steady = AudioContext;
  window.AudioContext = class extends Steady {
    constructor(...options) {
      super(...options);
      window.made.push(this);
    }
    get currentTime() {
      return this.frozenAt ?? super.currentTime;
    }
    get state() {
      return this.mood ?? super.state;
    }
    async resume() {
      window.resumed += 1;
      await super.resume();
    }
    async become(mood) {
      this.mood = mood;
      await (mood ? super.suspend() : super.resume());
      this.dispatchEvent(new Event('statechange'));
    }
    freeze() {
      this.frozenAt = super.currentTime;
      void super.suspend();
      this.mood = 'running';
    }
  };
"""
"""Run before the page's own scripts: contexts that can be interrupted, and whose clocks can stand still."""


async def test_an_interrupted_voice_is_waited_for_and_goes_on_where_it_was(chromium: Chromium) -> None:
    async with house(LONG, voice=Hum(ms_per_char=200)) as server:
        widget = await chromium.widget(server.url, before=MOODY)
        await widget.open()
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        await widget.page.evaluate("made[0].become('interrupted')")
        head, resumed = await widget.element("playhead"), await widget.page.evaluate("resumed")
        # No press helps during a call, and none is asked for.
        await widget.panel.locator(".title").click()
        await widget.button("Answers by voice").dblclick()
        assert await widget.page.evaluate("resumed") == resumed
        await expect(widget.hear).to_be_hidden()
        await widget.page.evaluate("made[0].become(null)")

        async def goes_on() -> bool:
            now = await widget.element("playhead")
            return now is not None and head < now < head + 4_000

        await eventually(goes_on)
        assert await widget.page.evaluate("made.length") == 1


async def test_what_is_left_suspended_goes_on_with_a_press(chromium: Chromium) -> None:
    async with house(LONG, voice=Hum(ms_per_char=200)) as server:
        widget = await chromium.widget(server.url, before=MOODY)
        await widget.open()
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        await widget.page.evaluate("made[0].become('suspended')")
        await expect(widget.hear).to_be_visible()
        await widget.page.evaluate("made[0].mood = undefined")
        head = await widget.element("playhead")
        await widget.hear.click()
        await expect(widget.hear).to_be_hidden()

        async def goes_on() -> bool:
            return float(await widget.element("playhead")) > head

        await eventually(goes_on)


async def test_a_clock_that_stands_still_is_replaced_and_the_answer_goes_on(chromium: Chromium) -> None:
    async with house(LONG, voice=Hum(ms_per_char=100)) as server:
        widget = await chromium.widget(server.url, before=MOODY)
        await widget.open()
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        head = await widget.element("playhead")
        await widget.page.evaluate("made[0].freeze()")
        await eventually(lambda: widget.page.evaluate("made.length > 1"))

        async def goes_on() -> bool:
            now = await widget.element("playhead")
            return now is not None and now > head + 300

        await eventually(goes_on)
        assert float(await widget.element("level")) > 0.1
        await widget.silent()
        answer = widget.panel.locator(".assistant").last
        await expect(answer).to_have_attribute("data-status", "complete")
        assert await widget.page.evaluate("made.length") == 2
        assert widget.console == []
