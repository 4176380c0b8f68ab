"""The page that `voicechat compare` writes, opened from the disk."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.conftest import serving
from tests.speech import pcm
from tests.speech.encoding import encoded

from .conftest import Browsers, Chromium

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENGINES = {
    "stt_engine": "scripted",
    "stt_model": "fixed_ms=150",
    "chat_engine": "scripted",
    "chat_model": "first_ms=150 gap_ms=20 tokens=30",
    "tts_engine": "scripted",
    "tts_model": "first_ms=60 factor=0.02",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def folder(browsers: Browsers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compare a server's modes; return the folder of the page."""
    folder = tmp_path_factory.mktemp("compare")
    question = folder / "question.wav"
    question.write_bytes(encoded(pcm("saturday.flac")[:16_000], 16_000, "wav").data)
    async with serving(as_configured=True, **ENGINES) as server:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "voicechat", "compare", "--url", server.url, "--yes", "--times", "2"),
            *("--audio", str(question), "--out", str(folder)),
            env={k: v for k, v in os.environ.items() if not k.startswith(("VOICECHAT_", "OPENAI_"))},
            stdout=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(120):
            assert await process.wait() == 0
    return folder


async def opened(chromium: Chromium, folder: Path, **options: Any) -> tuple[Page, list[str]]:
    """Return the page, and the requests, errors and complaints of it, which grow."""
    page = await (await chromium.context(**options)).new_page()
    address = (folder / "compare.html").as_uri()
    troubles: list[str] = []
    page.on("request", lambda request: request.url == address or troubles.append(request.url[:100]))
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    await page.goto(address)
    return page, troubles


async def test_it_opens_from_the_disk_without_errors_or_requests(chromium: Chromium, folder: Path) -> None:
    page, troubles = await opened(chromium, folder)
    assert await page.title() == "v1 and v2, measured"
    assert troubles == []
    # Its style is let in by the page's own policy, which lets in nothing else.
    assert await page.evaluate("getComputedStyle(document.querySelector('.lane')).display") == "grid"


async def test_it_shows_the_numbers_that_were_measured(chromium: Chromium, folder: Path) -> None:
    page, _ = await opened(chromium, folder)
    [run] = json.loads((folder / "compare.json").read_text())["runs"]
    for number, kind in enumerate(("typed", "spoken")):
        table = page.locator(".scroll table").nth(number)
        assert kind in await table.locator("caption").inner_text()
        for name, field in (("first text", "first_text"), ("whole sound", "whole_sound")):
            cells = await table.get_by_role("row", name=name).get_by_role("cell").all_inner_texts()
            v1, v2 = (run["kinds"][kind][mode]["times"][field]["median"] for mode in ("v1", "v2"))
            assert (cells[0], cells[2]) == (f"{v1:.3f}", f"{v2:.3f}")


async def test_v1_stands_above_v2_and_the_same_second_in_the_same_place(
    chromium: Chromium, folder: Path
) -> None:
    page, _ = await opened(chromium, folder)
    [run] = json.loads((folder / "compare.json").read_text())["runs"]
    fall = page.locator(".fall:not(.bytes)").last
    boxes = {
        mode: await fall.locator(f".mode.{mode} .lane", has_text="Text").locator(".edge").bounding_box()
        for mode in ("v1", "v2")
    }
    zero = await fall.locator(".mode.v2 .zero").first.bounding_box()
    v1, v2 = boxes["v1"], boxes["v2"]
    assert v1 and v2 and zero and v1["y"] < v2["y"]
    times = [run["kinds"]["spoken"][mode]["times"]["first_text"]["median"] for mode in ("v1", "v2")]
    middles = [box["x"] + box["width"] / 2 - zero["x"] - zero["width"] / 2 for box in (v1, v2)]
    assert middles[0] / middles[1] == pytest.approx(times[0] / times[1], rel=0.03)


async def test_headings_tables_and_pictures_are_there_for_those_who_listen(
    chromium: Chromium, folder: Path
) -> None:
    page, _ = await opened(chromium, folder)
    levels = await page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5')].map(h => +h.tagName[1])")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    unnamed = """() => [
        ...[...document.querySelectorAll('table')].filter(it => !it.caption?.textContent.trim()),
        ...[...document.querySelectorAll('th')].filter(it => !it.scope),
        ...[...document.querySelectorAll('svg')].filter(
            it => !it.closest('[aria-hidden=true]') && !(it.role === 'img' && it.ariaLabel)),
        ...[...document.querySelectorAll('[tabindex]')].filter(it => !(it.role && it.ariaLabel)),
    ].map(it => it.outerHTML.slice(0, 120))"""
    assert await page.evaluate(unnamed) == []
    assert await page.locator(".fall:not(.bytes)").count() == await page.locator(".scroll table").count() == 2
    assert await page.evaluate("document.documentElement.lang") == "en"


CONTRAST = """() => {
    // WCAG 2.2, contrast ratio and relative luminance.
    const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
    const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number)
    const behind = it => {
        const colour = numbers(getComputedStyle(it).backgroundColor)
        return colour.length === 4 && colour[3] === 0 && it.parentElement ? behind(it.parentElement) : colour
    }
    const found = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
        const it = walker.currentNode.parentElement
        if (!walker.currentNode.data.trim()) continue
        const style = getComputedStyle(it)
        const front = numbers(it instanceof SVGElement ? style.fill : style.color)
        let opacity = 1
        for (let one = it; one; one = one.parentElement) opacity *= +getComputedStyle(one).opacity
        const back = behind(it)
        const [a, b] = [light(front.map((c, i) => c * opacity + back[i] * (1 - opacity))), light(back)]
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
        if (ratio < 4.5) found.push(`${ratio.toFixed(2)}: ${walker.currentNode.data.trim().slice(0, 40)}`)
    }
    return found
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_word_stands_out_from_what_is_behind_it(
    chromium: Chromium, folder: Path, scheme: str
) -> None:
    page, _ = await opened(chromium, folder, color_scheme=scheme)
    background = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(252, 252, 250)", "dark": "rgb(21, 25, 24)"}[scheme]
    assert await page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("width", [320, 375, 1280])
async def test_it_fits_every_width_and_no_lane_is_without_its_words(
    chromium: Chromium, folder: Path, width: int
) -> None:
    page, _ = await opened(chromium, folder, viewport={"width": width, "height": 800})
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    narrowest = await page.evaluate(
        "Math.min(...[...document.querySelectorAll('.lane svg')].map(it => it.getBoundingClientRect().width))"
    )
    assert narrowest > 200
    cut = """[...document.querySelectorAll('.label, .told')].filter(
        it => it.scrollWidth > it.clientWidth + 1).map(it => it.textContent)"""
    assert await page.evaluate(cut) == []


async def test_on_paper_it_is_light_with_all_of_its_marks(chromium: Chromium, folder: Path) -> None:
    page, _ = await opened(chromium, folder, color_scheme="dark")
    await page.emulate_media(media="print", color_scheme="dark")
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert await page.evaluate(CONTRAST) == []
    assert (await page.pdf(format="A4")).startswith(b"%PDF")
