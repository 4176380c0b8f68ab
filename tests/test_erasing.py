"""A visitor erases a chat: nothing of it is kept, and every tab sees that."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from voicechat import dialogue as d

from .conftest import serving
from .doubles import Brain, engines

ERASE = d.ClientEvent({"type": "erase"})
ERASED = d.ServerEvent({"type": "erased"})


async def test_an_erased_chat_is_gone_for_every_tab_and_for_http() -> None:
    async with serving() as server, server.client() as one, server.client() as two:
        chat = (await one.hello())["chat"]
        await two.hello(tab="two", chat=chat)
        await one.send(d.AskText("When?"), 1)
        for client in (one, two):
            await client.until(d.End)
        await one.send(ERASE)
        assert [await client.until(d.ServerEvent) for client in (one, two)] == [[ERASED], [ERASED]]
        await two.send(d.AskText("And?"), 1)
        fault, end = await two.until(d.End)
        status, error = await server.post("/api/chats", {"Authorization": f"Bearer {chat}"}, tab="one")
        async with server.client() as later:
            assert (await later.hello(tab="three", chat=chat))["chat"] != chat
    assert fault.code == "chat_gone" == error["error"]["code"] and status == 404
    assert end.flags == d.EndFlag.FAILED


async def test_an_answer_that_runs_is_stopped_and_leaves_nothing() -> None:
    brain = Brain("One ", "two.", gate=asyncio.Semaphore(1))
    async with serving(engines(brain=brain)) as server, server.client() as client:
        await client.hello()
        await client.send(d.AskText("Count!"), 1)
        await client.send(d.AskText("And on?"), 2)
        await client.until(d.AnswerText)
        await client.send(ERASE)
        told = await client.until(d.ServerEvent)
        await brain.closed.wait()
    assert [one.flags for one in told if isinstance(one, d.End)] == [d.EndFlag.CUT] * 2 and told[-1] == ERASED
    assert len(brain.prompts) == 1


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_who_waits_over_http_is_told_that_the_chat_is_gone(accept: str) -> None:
    brain = Brain("One ", "two.", gate=asyncio.Semaphore(0))
    async with serving(engines(brain=brain)) as server, server.client() as client:
        chat = (await client.hello())["chat"]
        question = {"id": chat, "message": "Count!"}
        asking = asyncio.create_task(
            server.http.post(f"{server.url}/api/message", json=question, headers={"Accept": accept})
        )
        await client.until(d.User)
        await client.send(ERASE)
        async with await asking as response:
            body = await response.text()
    assert '"code":"chat_erased"' in body and response.status == (200 if "stream" in accept else 404)


async def test_a_page_without_a_socket_erases_over_http() -> None:
    async with serving() as server:
        _, chat = await server.post("/api/chats")
        headers = {"Authorization": f"Bearer {chat['chat']}"}
        async with server.http.post(
            server.url + "/api/events", json={"type": "erase"}, headers=headers
        ) as response:
            assert response.status == 204
        async with server.http.get(server.url + "/api/messages", headers=headers) as response:
            assert response.status == 404


async def test_of_an_erased_chat_no_word_is_left_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "chats.db"
    async with serving(store=f"sqlite:{file}") as server, server.client() as client:
        await client.hello()
        await client.send(d.AskText("My secret is marzipan."), 1)
        await client.until(d.End)
        await client.send(ERASE)
        await client.until(d.ServerEvent)
    assert b"marzipan" not in file.read_bytes()


async def test_an_id_of_ones_own_can_not_be_erased_by_who_else_has_it() -> None:
    async with serving() as server, server.client() as client:
        await client.hello(chat="me")
        await client.send(ERASE)
        [fault] = await client.until(d.Fault)
        assert fault.code == "not_found"
