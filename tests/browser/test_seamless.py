"""The sound of an answer as the page renders it, sample by sample, beside the buffer that it was cut from."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import web

from tests.listening import listening
from voicechat.audio import SPEECH_RATE

from .conftest import Chromium

pytestmark = pytest.mark.asyncio(loop_scope="session")

WEB = Path(__file__).parents[2] / "web"

FADE = SPEECH_RATE // 100
"""10 ms in samples."""

RENDER = """
  async ({ pieces, stopAt, seconds }) => {
    const { Track } = await import('/web/voice/track.js');
    const { HeadStart } = await import('/web/voice/schedule.js');
    const rate = 24_000;
    const context = new OfflineAudioContext(1, seconds * rate, rate);
    const track = new Track(1, context, context.destination, new HeadStart());
    track.start();
    // A tone that is loud wherever it is cut.
    const tone = (i) => Math.round(16_000 * Math.cos((2 * Math.PI * 330 * i) / rate));
    const add = ([posMs, ms]) => {
      const samples = Int16Array.from({ length: ms * 24 }, (_, i) => tone(posMs * 24 + i));
      track.add(posMs, new Uint8Array(samples.buffer));
    };
    const moments = [...pieces.map(([at, ...piece]) => [at, () => add(piece)])];
    if (stopAt) moments.push([stopAt, () => track.stop()]);
    // What comes at the same moment comes together: a context is suspended once at each.
    for (const at of new Set(moments.map(([when]) => when))) {
      const all = moments.filter(([when]) => when === at);
      const run = () => all.forEach(([, what]) => what());
      if (at) void context.suspend(at).then(() => (run(), context.resume()));
      else run();
    }
    const rendered = (await context.startRendering()).getChannelData(0);
    return [...rendered];
  }
"""


@contextlib.asynccontextmanager
async def sources() -> AsyncIterator[str]:
    """Serve the widget's modules as they are written."""
    app = web.Application()

    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html>", content_type="text/html")

    app.router.add_get("/", page)
    app.router.add_static("/web", WEB)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    async with listening(runner) as url:
        yield url


async def rendered(
    chromium: Chromium, pieces: list[tuple[float, int, int]], *, stop_at: float = 0, seconds: float = 3
) -> Any:
    """
    Return what sounds of *pieces*: each comes after so many seconds, stands at so many ms and lasts so many.
    """
    async with sources() as url:
        context = await chromium.context()
        page = await context.new_page()
        await page.goto(url)
        options = {"pieces": pieces, "stopAt": stop_at, "seconds": seconds}
        return np.array(await page.evaluate(RENDER, options))


def tone(ms: int) -> Any:
    """Return the one buffer that pieces are cut from."""
    samples = np.arange(ms * SPEECH_RATE // 1000)
    return np.round(16_000 * np.cos(2 * np.pi * 330 * samples / SPEECH_RATE)) / 32_768


def runs(sound: Any) -> list[tuple[int, int]]:
    """Return where sound begins and ends again; a tone is silent for no longer than a sample or two."""
    loud = np.flatnonzero(np.abs(sound) > 1e-6)
    breaks = np.flatnonzero(np.diff(loud) > 20)
    begins, ends = [loud[0], *loud[breaks + 1]], [*loud[breaks], loud[-1]]
    return [(int(begin), int(end) + 1) for begin, end in zip(begins, ends, strict=True)]


STEEPEST = 0.06
"""
Between two samples, of full scale.

The tone itself rises by 0.042; where it begins or ends dead it is 0.49.
"""


async def test_pieces_sound_as_the_one_buffer_that_they_were_cut_from(chromium: Chromium) -> None:
    # They come now early, now only just in time.
    comes = [0.0, 0.05, 0.15, 0.15, 0.6, 0.95, 1.1, 1.1, 1.1, 1.1]
    pieces = [(at, 200 * i, 200) for i, at in enumerate(comes)]
    sound = await rendered(chromium, pieces)
    whole = tone(2000)
    ((begin, end),) = runs(sound)
    assert abs(end - begin - len(whole)) < 30
    start = round(0.06 * SPEECH_RATE)
    inner = slice(FADE, len(whole) - FADE)
    assert np.max(np.abs(sound[start : start + len(whole)][inner] - whole[inner])) < 1e-4
    assert np.max(np.abs(np.diff(sound))) < STEEPEST


async def test_where_the_next_piece_is_late_nothing_clicks_and_nothing_is_lost(chromium: Chromium) -> None:
    sound = await rendered(chromium, [(0, 0, 200), (0, 200, 200), (1.0, 400, 200), (1.0, 600, 200)])
    first, second = runs(sound)
    for begin, end in (first, second):
        assert abs(end - begin - 0.4 * SPEECH_RATE) < 30
    # Later than at first, for it has run out once.
    assert abs(second[0] - 1.08 * SPEECH_RATE) < 200
    assert np.max(np.abs(np.diff(sound))) < STEEPEST


async def test_a_piece_that_comes_while_the_one_before_fades_out_clicks_neither(chromium: Chromium) -> None:
    # The first ends at 0.26; rendered in blocks of 128 samples, 5 ms are one.
    for late in (0.235, 0.248, 0.2535, 0.2588):
        sound = await rendered(chromium, [(0, 0, 200), (late, 200, 200)], seconds=1)
        assert np.max(np.abs(np.diff(sound))) < STEEPEST, late


async def test_what_is_stopped_is_silent_within_ten_ms_and_does_not_click(chromium: Chromium) -> None:
    sound = await rendered(chromium, [(0, 0, 1000)], stop_at=0.5)
    ((_, end),) = runs(sound)
    # The moment is rounded up to a block of 128 samples.
    assert 0.5 * SPEECH_RATE < end <= 0.5 * SPEECH_RATE + FADE + 128
    assert np.max(np.abs(np.diff(sound))) < STEEPEST
