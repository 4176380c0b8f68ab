"""README's picture and its table of the two modes, made from what runs: `make readme`."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright, expect

from tests.browser.conftest import NO_CHROMIUM, Browsers, Chromium, find_chromium, serve
from voicechat.compare.asks import STAGES
from voicechat.compare.units import MISSING

TOP = Path(__file__).parents[1]
PICTURE = TOP / "docs" / "popup.png"
BEGIN, END = "<!-- made by `make readme` -->\n", "<!-- end -->\n"
PORT = 8080
"""The one of `make run`, for the picture shows the server's address."""


async def take_picture(folder: Path) -> None:
    """Ask the example shop aloud, with a recording of a voice as the microphone, and take the answer."""
    served = serve(PORT)
    try:
        async with async_playwright() as playwright:
            path = find_chromium(playwright)
            if path is None:
                raise SystemExit(NO_CHROMIUM)
            browsers = Browsers(playwright, path)
            chromium = Chromium(browsers, folder)
            widget = await chromium.widget(f"http://localhost:{PORT}/", "saturday.flac")
            await widget.open()
            await widget.say()
            await expect(widget.answers.last).to_contain_text("17:00")
            await expect(widget.button("Listen")).to_be_visible()
            await widget.page.screenshot(path=PICTURE, animations="disabled")
            await chromium.close()
            await browsers.close()
    finally:
        served.stop()


def compared(folder: Path) -> dict[str, Any]:
    """Ask both modes the same, and return what was measured."""
    command = [sys.executable, "-m", "voicechat", "compare", "--out", str(folder)]
    subprocess.run(command, check=True)
    content: dict[str, Any] = json.loads((folder / "compare.json").read_text("utf-8"))
    return content


def as_markdown(content: dict[str, Any]) -> str:
    """Return the medians of the spoken questions with the engines in use, as Markdown."""
    run = content["runs"][0]
    one, two = (run["kinds"]["spoken"][mode] for mode in ("v1", "v2"))
    rows = ["| seconds after the last word | v1 | v2 |", "| --- | --- | --- |"]
    for name, words in STAGES.items():
        medians = [_cell(mode["times"][name]) for mode in (one, two)]
        rows.append(f"| {words} | {medians[0]} | {medians[1]} |")
    told = (
        f"Medians of {one['times']['first_text']['count']} spoken questions in each mode, asked by "
        f"`voicechat compare` on {content['started'][:10]} with the embedded engines, server and client on "
        f"{content['conditions']['Machine']}."
    )
    return "\n".join([*rows, "", told, ""])


def _cell(spread: dict[str, float] | None) -> str:
    return f"{spread['median']:.2f}" if spread else MISSING


def renewed(readme: str, made: str) -> str:
    """Return *readme* with *made* between the two marks."""
    before, _, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"README.md lacks the lines {BEGIN.strip()} and {END.strip()}.")
    return before + BEGIN + made + END + after


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asyncio.run(take_picture(folder))
        made = as_markdown(compared(folder))
    readme = TOP / "README.md"
    readme.write_text(renewed(readme.read_text("utf-8"), made), "utf-8")


if __name__ == "__main__":
    main()
