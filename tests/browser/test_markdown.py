"""Answers in Markdown, as a provider streams them: what is seen of them, and what can be done with them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests import doubles
from tests.conftest import Server, serving
from tests.scripted_openai import END, Gate, ScriptedOpenAi, Stream, scripted_openai, tokens

from .conftest import Chromium
from .house import CODE_AND_TABLE, both_modes, house
from .layouts import another_site
from .widget import Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

BEGINNING = f"""\
## Opening hours

We are open **every day but _Monday_**, from *nine* to ~~five~~ six – see [our hours](https://shop.example/hours)
or https://shop.example/map. Ring `+49 30 1234` 😀

1. Take the **U8** to Leinestraße
2. Then:
   - walk *north* &amp; turn left
   - or take the bus \\*M44\\*
3. Ring twice

> Closed on holidays.
> Ask us **before**.

{CODE_AND_TABLE}
---

![The shop](https://shop.example/shop.jpg) <b>not bold</b> [bad](javascript:alert(1))

And **this is half"""

REST = " of it** and more.\n"

WHOLE = BEGINNING + REST


def pieces(text: str) -> list[str]:
    """Cut it as no model would: in the middle of every mark."""
    return [text[at : at + 3] for at in range(0, len(text), 3)]


@contextlib.asynccontextmanager
async def provided(*steps: Any) -> AsyncIterator[tuple[Server, ScriptedOpenAi]]:
    """A server whose answers stream from a provider, in *steps*."""
    async with scripted_openai() as provider:
        addresses = {f"{job}_base_url": provider.url for job in ("stt", "chat", "tts")}
        provider.always("chat", Stream([*steps, *END]))
        async with serving(as_configured=True, **addresses) as server:
            yield server, provider


def links(answer: Locator) -> Locator:
    return answer.locator("a")


async def shown(widget: Widget) -> str:
    return await widget.answers.last.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_an_answer_with_everything_in_it_is_shown_while_it_streams(
    chromium: Chromium, scheme: str
) -> None:
    gate = Gate()
    async with provided(*tokens(*pieces(BEGINNING)), gate, *tokens(*pieces(REST))) as (server, _):
        options: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": 1000, "height": 1700}}
        widget = await chromium.widget(f"{server.url}/?mode=v2", **options)
        await widget.open()
        await widget.button("Answers by voice").click()
        await widget.ask("When are you open?")
        answer = widget.answers.last
        await expect(answer.locator("strong").last).to_have_text("this is half")
        await gate.reached.wait()
        # Tall enough for one picture to have all of it.
        await widget.panel.evaluate("it => { it.style.height = '1500px'; }")
        await widget.picture(f"markdown-{scheme}-half")
        gate.open()
        await expect(answer.locator("strong").last).to_have_text("this is half of it")
        await expect(widget.button("Send")).to_be_visible()
        await widget.picture(f"markdown-{scheme}")

        await expect(answer.get_by_role("heading", level=4)).to_have_text("Opening hours")
        await expect(answer.locator("ol > li")).to_have_count(3)
        await expect(answer.locator("ol ul li")).to_have_text(
            ["walk north & turn left", "or take the bus *M44*"]
        )
        await expect(answer.locator("blockquote strong")).to_have_text("before")
        await expect(answer.get_by_role("columnheader")).to_have_count(5)
        await expect(answer.get_by_role("row")).to_have_count(3)
        assert "<b>not bold</b> bad" in await shown(widget)
        assert not [mark for mark in ("**", "](", "```", "|", "~~", "##") if mark in await shown(widget)]
        assert not widget.console


async def test_links_tell_where_they_lead_and_leave_the_page_where_it_is(chromium: Chromium) -> None:
    text = (
        "[Hours](https://shop.example/hours) https://shop.example [here]({}/hours) "
        "[mail](mailto:a@shop.example) [bad](javascript:alert(1)) [up](/hours)"
    )
    brain = doubles.Brain("")
    async with house(brain) as server:
        brain.tokens = (text.format(server.url),)
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("Where?")
        found = links(widget.answers.last)
        await expect(found).to_have_count(4)
        aims = await found.evaluate_all("all => all.map(it => [it.target, it.rel, it.dataset.host ?? ''])")
        rel = "noopener noreferrer nofollow"
        host = "127.0.0.1"
        assert aims == [
            ["_blank", rel, "shop.example"],
            ["_blank", rel, ""],
            ["", rel, host],
            ["", rel, "a@shop.example"],
        ]
        after = await found.first.evaluate("it => getComputedStyle(it, '::after').content")
        assert (
            "(" in after
            and await found.nth(1).evaluate("it => getComputedStyle(it, '::after').content") == "none"
        )


CODE = doubles.Brain("Run this:\n\n```sh\nnpm ci\nnpm start\n```\n\nThen that.")


async def test_code_is_copied_as_it_stands(chromium: Chromium) -> None:
    async with house(CODE) as server:
        widget = await chromium.widget(server.url, permissions=["clipboard-read", "clipboard-write"])
        await widget.open()
        await widget.ask("How?")
        await widget.button("Copy").click()
        await expect(widget.answers.last.get_by_role("status")).to_have_text("Copied")
        assert await widget.page.evaluate("navigator.clipboard.readText()") == "npm ci\nnpm start"


WITHOUT_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
REFUSING_CLIPBOARD = """
  const refuse = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  Object.defineProperty(navigator, 'clipboard', { value: { writeText: refuse } });
"""
NO_COPYING = "document.execCommand = () => false;"
WATCH_COPYING = "addEventListener('copy', () => { window.copied = String(getSelection()); });"


@pytest.mark.parametrize("clipboard", [WITHOUT_CLIPBOARD, REFUSING_CLIPBOARD], ids=["missing", "refused"])
async def test_code_is_copied_without_a_clipboard_or_left_selected(
    chromium: Chromium, clipboard: str
) -> None:
    async with house(CODE) as server:
        widget = await chromium.widget(server.url, before=clipboard + WATCH_COPYING)
        await widget.open()
        await widget.ask("How?")
        status = widget.answers.last.get_by_role("status")
        await widget.button("Copy").click()
        await expect(status).to_have_text("Copied")
        assert (await widget.page.evaluate("copied")).strip() == "npm ci\nnpm start"
        await widget.page.evaluate(NO_COPYING)
        await widget.button("Copy").click()
        await expect(status).to_contain_text("copy it with your keyboard")
        assert (await widget.page.evaluate("String(getSelection())")).strip() == "npm ci\nnpm start"
        await widget.picture("markdown-not-copied")


async def test_the_keyboard_reaches_what_is_too_wide_and_nothing_else(chromium: Chromium) -> None:
    wide = "x" * 200
    table = "| a | b |\n|---|---|\n| 1 | 2 |"
    text = f"```\nshort\n```\n\n```\n{wide}\n```\n\n{table}\n\n{table.replace('1', '`' + wide + '`')}"
    async with house(doubles.Brain(*pieces(text))) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("How?")
        boxes = widget.answers.last.locator(".wide")
        await expect(boxes).to_have_count(4)
        await expect(boxes.nth(1)).to_have_attribute("tabindex", "0")
        names = "all => all.map(it => [it.tabIndex, it.role, it.ariaLabel])"
        code: list[Any] = [0, "group", "Code"]
        nothing: list[Any] = [-1, None, None]

        async def are_named() -> bool:
            found = await boxes.evaluate_all(names)
            return bool(found[:3] == [nothing, code, nothing])

        await eventually(are_named)
        bubble = await widget.answers.last.bounding_box()
        panel = await widget.panel.bounding_box()
        assert bubble and panel and bubble["width"] <= 0.9 * panel["width"]
        await boxes.nth(1).focus()
        await widget.page.keyboard.press("ArrowRight")
        await eventually(lambda: boxes.nth(1).evaluate("it => it.scrollLeft > 0"))


@both_modes
async def test_a_visitors_own_words_stay_as_they_were_typed(chromium: Chromium, mode: str) -> None:
    async with house() as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}")
        await widget.open()
        await widget.ask("**When** are `you` [open](https://shop.example)?")
        await expect(widget.questions.last).to_have_text(
            "You: **When** are `you` [open](https://shop.example)?"
        )
        await expect(widget.questions.last.locator("strong, code, a")).to_have_count(0)


async def test_mode_v1_writes_markdown_out_without_its_marks(chromium: Chromium) -> None:
    brain = doubles.Brain("We are **open every day** and `until six`.\n\n- one **two**\n- three")
    async with house(brain, voice=doubles.Voice(ms_per_char=40)) as server:
        widget = await chromium.widget(f"{server.url}/?mode=v1")
        await widget.open()
        await widget.ask("When?")
        answer = widget.answers.last
        seen: list[str] = []

        async def is_written() -> bool:
            seen.append(await answer.inner_text())
            return "three" in seen[-1]

        await eventually(is_written)
        assert len(set(seen)) > 3
        assert not [text for text in seen if "*" in text or "`" in text]
        await expect(answer.locator("li")).to_have_text(["one two", "three"])


async def test_what_was_not_heard_is_grey_in_the_midst_of_its_markup(chromium: Chromium) -> None:
    text = "We **open at nine. Then we close at six. And this is a long sentence. And one more** [here](https://e.org)."
    async with house(doubles.Brain(text), voice=doubles.Voice(ms_per_char=60)) as server:
        widget = await chromium.widget(f"{server.url}/?mode=v2")
        await widget.open()
        await widget.ask("When?")

        async def is_midway() -> bool:
            return (await widget.element("playhead") or 0) > 2_500

        await eventually(is_midway)
        await widget.button("Stop the answer").click()
        grey = widget.answers.last.locator(".unheard")
        await expect(grey.first).to_have_attribute("title", "not heard")
        await expect(widget.answers.last.locator("strong > .unheard")).to_contain_text("one more")
        await expect(widget.answers.last.locator("a > .unheard")).to_have_text("here")
        assert "open at nine" not in "".join(await grey.all_text_contents())
        await widget.picture("markdown-unheard")


async def test_it_is_shown_under_a_strict_policy(chromium: Chromium) -> None:
    async with house(doubles.Brain(*pieces(WHOLE))) as server:
        policy = (
            f"default-src 'none'; script-src {server.url}; "
            f"connect-src {server.url} {server.url.replace('http', 'ws')}; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        )
        async with another_site(chromium, server, headers={"Content-Security-Policy": policy}) as widget:
            await widget.open()
            await widget.ask("When?")
            await expect(widget.answers.last.locator("strong").last).to_have_text("this is half of it")
            await expect(widget.answers.last.locator("table")).to_be_visible()
            assert await widget.violations() == []


async def test_a_text_is_selected_across_its_markup(chromium: Chromium) -> None:
    async with house(doubles.Brain("We **open** at `nine`.\n\nBye.")) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("When?")
        await expect(widget.answers.last).to_contain_text("Bye.")
        await widget.answers.last.locator(".prose").evaluate("it => getSelection().selectAllChildren(it)")
        assert await widget.page.evaluate("String(getSelection())") == "We open at nine.\n\nBye."


async def test_right_to_left_answers_stand_right_to_left(chromium: Chromium) -> None:
    text = "## שעות\n\nאנחנו **פתוחים** כל יום\n\n- אחד\n- שניים\n\nEnglish.\n\n```\ncode\n```"
    async with house(doubles.Brain(text)) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.ask("When?")
        await expect(widget.answers.last.locator("pre")).to_be_visible()
        directions = "all => all.map(it => getComputedStyle(it).direction)"
        blocks = widget.answers.last.locator(".prose > *")
        assert await blocks.evaluate_all(directions) == ["rtl", "rtl", "rtl", "ltr", "ltr"]
        await widget.picture("markdown-right-to-left")
