"""How soon the page is silent once its visitor wants it to be, in what it gives to the loudspeaker."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from .conftest import Chromium
from .house import LONG, Hum, house
from .widget import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOST_MS = 60

TAP = """
  const processor = `registerProcessor('tap', class extends AudioWorkletProcessor {
    process([[samples]]) {
      const i = samples ? samples.findLastIndex((sample) => Math.abs(sample) > 1e-4) : -1;
      if (i >= 0) this.port.postMessage(currentTime + i / sampleRate);
      return true;
    }
  })`;
  const Deaf = AudioContext;
  const { connect } = AudioNode.prototype;
  window.loudAt = -1;
  window.AudioContext = class extends Deaf {
    constructor(...options) {
      super(...options);
      const isReady = this.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(processor)}`);
      // That of the microphone gives nothing to hear.
      if (this.sampleRate === 24_000) Object.assign(window, { loudspeaker: this, isReady });
    }
  };
  AudioNode.prototype.connect = function (target, ...more) {
    if (target instanceof AudioDestinationNode && target.context === window.loudspeaker) {
      void window.isReady.then(() => {
        const tap = new AudioWorkletNode(this.context, 'tap', { numberOfOutputs: 0 });
        tap.port.onmessage = ({ data }) => (window.loudAt = data);
        connect.call(this, tap);
      });
    }
    return connect.call(this, target, ...more);
  };
  window.touchedAt = {};
  for (const kind of ['pointerdown', 'click', 'keydown'])
    addEventListener(kind, () => (window.touchedAt[kind] = window.loudspeaker?.currentTime), true);
"""
"""
Run before the page's own scripts: `loudAt` is when the last sample left the page that could be heard,
`touchedAt` when the visitor pressed something last, by the event, both in seconds of the loudspeaker's clock.
"""


@pytest.mark.parametrize(
    ("way", "event"),
    [
        ("the button", "click"),
        ("a key on the button", "keydown"),
        ("closing by a key", "keydown"),
        # Who goes on to hold the microphone is heard from the first moment on.
        ("a new recording", "pointerdown"),
    ],
)
async def test_the_page_is_silent_at_once(chromium: Chromium, way: str, event: str) -> None:
    body = "<!doctype html><html lang=en><title>Shop</title><script async src={}/chat.js></script>"
    async with (
        house(LONG, voice=Hum(ms_per_char=200)) as server,
        # Without a policy, which would forbid the tap.
        chromium.site(body.format(server.url)) as url,
    ):
        widget = await chromium.widget(url, before=TAP)
        await widget.open()
        taken: list[float] = []
        for _ in range(3):
            await widget.ask("When?")

            async def is_loud() -> bool:
                return bool(
                    await widget.page.evaluate("loudAt > 0 && loudspeaker.currentTime - loudAt < 0.1")
                )

            await eventually(is_loud)
            await expect(widget.button("Stop the answer")).to_be_visible()
            if way == "the button":
                await widget.button("Stop the answer").click()
            elif way == "a key on the button":
                await widget.button("Stop the answer").press("Enter")
            elif way == "closing by a key":
                await widget.page.keyboard.press("Escape")
            else:
                await widget.button("Speak your question").click()

            async def is_over() -> bool:
                return bool(await widget.page.evaluate(f"loudspeaker.currentTime > touchedAt.{event} + 0.3"))

            await eventually(is_over)
            taken.append(await widget.page.evaluate(f"(loudAt - touchedAt.{event}) * 1000"))
            if way == "closing by a key":
                await widget.launcher.click()
            elif way == "a new recording":
                await expect(widget.timer).to_be_visible()
                await widget.page.keyboard.press("Escape")
                await expect(widget.field).to_be_visible()
        print(f"{way}: silent after {', '.join(f'{ms:.0f}' for ms in taken)} ms")
        assert max(taken) < MOST_MS
        # It did sound until then.
        assert min(taken) >= 0
