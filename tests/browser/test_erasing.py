"""A visitor begins anew from the menu: nothing of the chat before is kept, and every tab sees it."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests import doubles

from .conftest import Chromium
from .house import both_modes, house
from .widget import Widget

pytestmark = pytest.mark.asyncio(loop_scope="session")


def count_messages(file: Path) -> int:
    with contextlib.closing(sqlite3.connect(file)) as database:
        return int(database.execute("SELECT count(*) FROM messages").fetchone()[0])


async def begin_anew(widget: Widget) -> None:
    await widget.button("More").click()
    await widget.button("New conversation").click()
    await widget.button("New conversation").click()


@both_modes
async def test_a_new_conversation_has_the_server_forget_the_one_before(
    chromium: Chromium, mode: str, tmp_path: Path
) -> None:
    async with house(store=f"sqlite:{tmp_path / 'chats.db'}") as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}")
        await widget.open()
        await widget.ask("My secret is marzipan.")
        await expect(widget.button("Copy all")).to_be_visible()
        assert count_messages(tmp_path / "chats.db") == 2
        await begin_anew(widget)
        await expect(widget.questions).to_have_count(0)
        await expect(widget.status).to_have_text("Connected")
        assert count_messages(tmp_path / "chats.db") == 0
        await widget.ask("And now?")
        await expect(widget.button("Copy all")).to_be_visible()
        await expect(widget.questions).to_have_text(["You: And now?"])


async def test_the_other_tabs_begin_anew_with_it(chromium: Chromium) -> None:
    async with house() as server:
        widget = await chromium.widget(f"{server.url}/?mode=v2")
        await widget.open()
        await widget.ask("My secret is marzipan.")
        await expect(widget.button("Copy all")).to_be_visible()
        twin = await widget.duplicate()
        await expect(twin.questions).to_have_text(["You: My secret is marzipan."])
        await begin_anew(widget)
        for one in (widget, twin):
            await expect(one.questions).to_have_count(0)
            await expect(one.status).to_have_text("Connected")
        await twin.ask("And now?")
        await expect(twin.button("Copy all")).to_be_visible()
        await expect(widget.questions).to_have_count(0)


async def test_where_the_server_does_not_hear_of_it_the_chat_stays_and_that_is_said(
    chromium: Chromium,
) -> None:
    async with house() as server:
        widget = await chromium.widget(f"{server.url}/?mode=v2")
        await widget.open()
        await widget.ask("My secret is marzipan.")
        await expect(widget.button("Copy all")).to_be_visible()
        await widget.page.route("**/api/events", lambda route: route.abort())
        await begin_anew(widget)
        await expect(widget.notice).to_contain_text("Not connected")
        await expect(widget.questions).to_have_text(["You: My secret is marzipan."])


async def test_what_waits_in_another_tab_of_mode_v1_is_erased_with_it(chromium: Chromium) -> None:
    brain = doubles.Brain("Wait.", gate=asyncio.Semaphore(0))
    async with house(brain) as server:
        widget = await chromium.widget(f"{server.url}/?mode=v1")
        await widget.open()
        await widget.ask("My secret is marzipan.")
        await expect(widget.answers.last).to_contain_text("Thinking")
        twin = await widget.duplicate()
        await expect(twin.questions).to_have_text(["You: My secret is marzipan."])
        await twin.ask("And this waits?")
        await expect(twin.questions).to_have_count(2)
        await begin_anew(widget)
        for one in (widget, twin):
            await expect(one.questions).to_have_count(0)
        assert len(brain.prompts) == 1
