"""The widget in the visitor's language, and from right to left."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.conftest import Server

from .conftest import Chromium
from .house import LONG, house
from .widget import Widget

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORDS = """
  import { launchers } from './web/languages/launcher.js';
  const tables = {};
  for (const [language, [label]] of Object.entries(launchers)) {
    const { default: table } = await import(`./web/languages/${language}.js`);
    tables[language] = { ...table, label };
  }
  console.log(JSON.stringify(tables));
"""

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tables() -> dict[str, dict[str, Any]]:
    """The words of every language, as the sources have them."""
    node = ["node", "--input-type=module", "--eval", WORDS]
    done = subprocess.run(node, cwd=ROOT, capture_output=True, text=True, check=True)
    read: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return read


def page(server: Server, attributes: str = "", lang: str = "") -> str:
    tag = f"<script async src={server.url}/chat.js {attributes}></script>"
    return f"<!doctype html><html lang='{lang}'><title>Shop</title>{tag}"


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "ar"])
async def test_everything_is_said_in_the_pages_language_and_only_that_is_fetched(
    chromium: Chromium, tables: dict[str, dict[str, Any]], language: str
) -> None:
    words = tables[language]
    strict = "default-src 'none'; script-src {0}; connect-src {0} {1}; require-trusted-types-for 'script'"
    async with house(LONG) as server:
        policy = strict.format(server.url, server.url.replace("http", "ws"))
        headers = {"Content-Security-Policy": policy}
        async with chromium.site(page(server, lang=language), headers) as url:
            widget = await chromium.widget(url)
            asked: list[str] = []
            widget.page.on("request", lambda request: asked.append(request.url))
            await expect(widget.launcher).to_have_accessible_name(words["label"])
            assert asked == []
            await widget.launcher.click()
            await expect(widget.panel).to_have_accessible_name(words["title"])
            await expect(widget.status).to_have_text(words["connected"])
            field = widget.panel.get_by_role("textbox", name=words["field"], exact=True)
            await expect(field).to_have_attribute("placeholder", words["placeholder"])
            await expect(widget.panel.locator(".greeting")).to_have_text(words["greeting"])
            await expect(widget.launcher).to_have_accessible_name(words["close"])
            await field.fill("When are you open?")
            await field.press("Enter")
            await expect(widget.answers.last).to_contain_text("eleven")
            await expect(widget.button(words["listen"])).to_be_visible()
            await widget.picture(f"language-{language}")
            files = [address.rpartition("/")[2] for address in asked if "/widget/" in address]
            # The last of them when the first sound comes.
            assert sorted(name.partition("-")[0] for name in files) == sorted(
                ["aloud", "app", "v2", language]
            )
            assert await widget.violations() == []
            await widget.button(words["close"]).first.click()
            await expect(widget.launcher).to_have_accessible_name(words["label"])


@pytest.mark.parametrize(
    ("author", "site", "visitor", "spoken"),
    [
        ("de-AT", "fr", "pl-PL", "de"),
        ("", "fr-CA", "pl-PL", "fr"),
        ("", "", "pl-PL", "pl"),
        ("", "", "ja-JP", "en"),
        ("PT_br", "", "pl-PL", "pt"),
        ("ja", "nl", "pl-PL", "nl"),
        ("constructor", "it", "pl-PL", "it"),
        ("arn", "", "es-MX", "es"),
    ],
)
async def test_the_first_known_of_the_authors_the_pages_and_the_visitors_language_is_spoken(
    chromium: Chromium,
    tables: dict[str, dict[str, Any]],
    author: str,
    site: str,
    visitor: str,
    spoken: str,
) -> None:
    async with house() as server:
        async with chromium.site(page(server, f"data-lang='{author}'", site)) as url:
            widget = await chromium.widget(url, locale=visitor)
            await expect(widget.launcher).to_have_accessible_name(tables[spoken]["label"])
            await widget.launcher.click()
            await expect(widget.status).to_have_text(tables[spoken]["connected"])


async def test_words_that_do_not_come_leave_a_launcher_that_tries_again(chromium: Chromium) -> None:
    async with house() as server:
        async with chromium.site(page(server, lang="de")) as url:
            widget = await chromium.widget(url)
            await widget.page.route("**/widget/de-*", lambda route: route.abort())
            await widget.launcher.click()
            await expect(widget.launcher).to_have_accessible_name("Mit uns chatten – Erneut versuchen")
            await widget.page.unroute("**/widget/de-*")
            await widget.launcher.click()
            await expect(widget.status).to_have_text("Verbunden")


# ── From right to left ────────────────────────────────────────────────────────────────────────


WORDS_AT = """
  (bubble, words) => {
    const nodes = document.createTreeWalker(bubble, NodeFilter.SHOW_TEXT);
    while (!nodes.nextNode().data.startsWith(words));
    const range = document.createRange();
    const [first, last] = [0, words.length - 1].map((at) => {
      range.setStart(nodes.currentNode, at);
      range.setEnd(nodes.currentNode, at + 1);
      return range.getBoundingClientRect().x;
    });
    const { x } = bubble.getBoundingClientRect();
    return [first - x - parseFloat(getComputedStyle(bubble).paddingLeft), last - first];
  }
"""
"""How far from the bubble's left *words* begin, and how far to the right of that they end."""


async def sides(widget: Widget) -> dict[str, float]:
    """How far the middle of each part is from the left."""
    parts = {
        "launcher": widget.launcher,
        "panel": widget.panel,
        "mark": widget.panel.locator(".mark"),
        "send": widget.panel.locator("form .send"),
        "question": widget.questions.last,
    }
    middles = {}
    for name, part in parts.items():
        box = await part.bounding_box()
        assert box is not None
        middles[name] = box["x"] + box["width"] / 2
    return middles


@pytest.mark.parametrize(
    ("attributes", "mirrored", "left"),
    [
        ("data-lang=ar", True, True),
        ("data-lang=ar data-position=start", True, False),
        ("data-lang=ar data-dir=ltr", False, False),
        ("data-dir=rtl", True, True),
        ("data-position=start", False, True),
    ],
)
async def test_the_whole_chat_is_mirrored(
    chromium: Chromium, attributes: str, mirrored: bool, left: bool
) -> None:
    async with house(LONG) as server:
        async with chromium.site(page(server, attributes, "en")) as url:
            widget = await chromium.widget(url, reduced_motion="reduce")
            await widget.launcher.click()
            await expect(widget.panel.locator(".suggestion")).to_be_visible()
            await widget.panel.locator(".suggestion").click()
            await expect(widget.answers.last).to_contain_text("eleven")
            at = await sides(widget)
            assert (at["launcher"] < 640) == (at["panel"] < 640) == left
            assert (at["mark"] > at["panel"]) == mirrored
            assert (at["send"] < at["panel"]) == mirrored
            assert (at["question"] < at["panel"]) == mirrored
            # What is said runs as its own words do.
            for bubble, words in ((widget.questions, "When are you open?"), (widget.answers, "From nine")):
                begins, ends = await bubble.last.evaluate(WORDS_AT, words)
                assert begins < 2 and ends > 40


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_an_arabic_chat_on_a_phone(
    chromium: Chromium, tables: dict[str, dict[str, Any]], scheme: str
) -> None:
    words = tables["ar"]
    async with house(LONG) as server:
        async with chromium.site(page(server, lang="ar")) as url:
            widget = await chromium.widget(
                url, viewport={"width": 390, "height": 780}, color_scheme=scheme, reduced_motion="reduce"
            )
            await widget.launcher.click()
            await expect(widget.status).to_have_text(words["connected"])
            await widget.picture(f"rtl-{scheme}-opened")
            field = widget.panel.get_by_role("textbox")
            await field.fill("متى تفتحون أبوابكم؟")
            await field.press("Enter")
            await expect(widget.answers.last).to_contain_text("eleven")
            await field.fill("When are you open? (1/2)")
            await widget.picture(f"rtl-{scheme}-answered")
            await field.fill("م" * 3_999)
            await expect(widget.hint).to_have_text("الأحرف المتبقية: 1")
            await field.fill("م" * 3_600)
            await expect(widget.hint).to_have_text("الأحرف المتبقية: 400")
            await field.fill("")
            await widget.button(words["speak"]).click()
            await widget.recorded(1)
            await widget.picture(f"rtl-{scheme}-recording")
