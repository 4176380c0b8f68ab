"""The word that sounds is marked in the text of the answer, and nothing else of the page changes for it."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests import doubles
from voicechat.dialogue import Span

from .conftest import Chromium
from .house import house
from .widget import Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

LATE_MS = 100
"""From when a frame is drawn until it is looked at, on a busy machine that draws in software."""

TEXT = "We are **open** from *nine* to six, see `the door`.\n\n- Für dich: 😀 täglich.\n- Bye now."

WORDS = [
    "We",
    "are",
    "open",
    "from",
    "nine",
    "to",
    "six,",
    "see",
    "the",
    "door.",
    "Für",
    "dich:",
    "täglich.",
    "Bye",
    "now.",
]

MARKED = """
  [...(CSS.highlights?.get('voicechat-word') ?? [])].map((range) =>
    [String(range), document.querySelector('voice-chat').playhead])
"""

WATCH_MARKS = f"""
  window.seen = [];
  const look = () => {{
    const found = {MARKED.strip()};
    window.seen.push(...found.filter(([, head]) => head !== null));
  }};
  // Right behind each frame, when all has been drawn that belongs to it.
  const next = () => requestAnimationFrame(() => (setTimeout(look), next()));
  next();
"""
"""Run before the page's own scripts: keeps which word was marked at which playhead, frame by frame."""

COLOURS = """
  (({ color, backgroundColor, textDecorationLine }) => [color, backgroundColor, textDecorationLine])(
    getComputedStyle(document.querySelector('voice-chat').shadowRoot.querySelector('.prose'),
      '::highlight(voicechat-word)'))
"""


class Watched:
    """What *widget* marked until the voice fell silent, and what the server said is said when."""

    def __init__(self, widget: Widget) -> None:
        self.widget = widget
        self.spans: list[Span] = []
        self.seen: list[tuple[str, float]] = []
        widget.page.on("websocket", lambda socket: socket.on("framereceived", self._frame))

    def _frame(self, payload: bytes | str) -> None:
        if isinstance(payload, bytes) and payload[:1] == b"\x93" and payload[1] & 1:
            numbers = [int.from_bytes(payload[at : at + 4]) for at in range(8, len(payload), 4)]
            self.spans += [Span(*numbers[at : at + 4]) for at in range(0, len(numbers), 4)]

    async def until_silent(self) -> list[str]:
        """Return the words that were marked, each once in a row."""
        await eventually(lambda: self.widget.element("playhead"))
        await self.widget.silent()
        self.seen = await self.widget.page.evaluate("window.seen")
        words = [word for word, _ in self.seen]
        return [word for i, word in enumerate(words) if words[i - 1 : i] != [word]]


def shown(span: Span) -> str:
    """Return what a visitor reads of *span*."""
    return TEXT.encode()[span.text_start : span.text_end].decode().replace("*", "").replace("`", "")


async def test_each_word_is_marked_while_it_sounds(chromium: Chromium) -> None:
    async with house(doubles.Brain(TEXT), voice=doubles.Voice(ms_per_char=60)) as server:
        widget = await chromium.widget("about:blank", before=WATCH_MARKS)
        watched = Watched(widget)
        await widget.page.goto(server.url)
        await widget.open()
        # What marks the words is fetched with the first want of it: a busy machine may miss a word by that.
        await widget.button("More").click()
        await expect(widget.panel.get_by_role("slider", name="Volume")).to_be_visible()
        await widget.button("More").click()
        at_once: list[bool] = []
        await widget.ask("When?")
        assert await watched.until_silent() == WORDS
        for word, head in watched.seen:
            begun = [span for span in watched.spans if span.audio_start_ms <= head]
            late = [span for span in begun if span.audio_end_ms >= head - LATE_MS]
            # Behind the voice by a frame, but never ahead of it.
            assert word in map(shown, [*late, begun[-1]]), head
            at_once.append(word == shown(begun[-1]))
        print(f"{sum(at_once)} of {len(at_once)} frames showed the word of their moment")
        assert sum(at_once) > 0.7 * len(at_once)
        assert await widget.page.evaluate(MARKED) == []


async def test_an_old_answer_that_is_spoken_again_is_marked_too(chromium: Chromium) -> None:
    async with house(doubles.Brain(TEXT), voice=doubles.Voice(ms_per_char=30)) as server:
        widget = await chromium.widget(server.url, before=WATCH_MARKS)
        await widget.open()
        await widget.ask("When?")
        await Watched(widget).until_silent()
        await widget.page.reload()
        await widget.open()
        prose = widget.panel.locator(".prose").last
        before = await prose.inner_html()
        await widget.button("Listen").click()
        assert (await Watched(widget).until_silent())[-12:] == WORDS[-12:]
        assert await prose.inner_html() == before


async def test_a_marked_word_can_be_read_whatever_the_visitor_has_set(chromium: Chromium) -> None:
    async with house(doubles.Brain(TEXT), voice=doubles.Voice(ms_per_char=100)) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("When?")
        await eventually(lambda: widget.page.evaluate(MARKED))
        looks = []
        for setting in (
            {"color_scheme": "light"},
            {"color_scheme": "dark"},
            {"reduced_motion": "reduce"},
            {"forced_colors": "active"},
        ):
            await widget.page.emulate_media(**setting)
            looks.append(await widget.page.evaluate(COLOURS))
            await widget.picture("spoken-word-" + "-".join(setting.values()))
        light, dark, still, forced = looks
        assert light[1] == "rgb(15, 107, 97)" and dark[1] == "rgb(98, 210, 191)"
        assert still[1:] == ["rgba(0, 0, 0, 0)", "underline"]
        assert forced[1] not in (light[1], dark[1], still[1])


async def test_a_browser_that_can_mark_nothing_speaks_all_the_same(chromium: Chromium) -> None:
    without = "delete CSS.highlights; delete window.Highlight;"
    async with house(doubles.Brain(TEXT), voice=doubles.Voice(ms_per_char=30)) as server:
        widget = await chromium.widget(server.url, before=without)
        await widget.open()
        await widget.ask("When?")
        await eventually(lambda: widget.element("playhead"))
        assert await widget.page.evaluate("CSS.highlights") is None
        await widget.silent()
        assert widget.console == []
