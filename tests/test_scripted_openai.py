"""The scripted provider as a program of its own, told what to do over HTTP."""

from __future__ import annotations

import ast
import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from . import scripted_openai

PROGRAM = Path(scripted_openai.__file__)


@pytest.fixture
async def base() -> AsyncIterator[str]:
    program = await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout is not None
    try:
        yield (await program.stdout.readline()).decode().strip().removesuffix("/v1")
    finally:
        program.terminate()
        await program.communicate()


async def test_it_plays_a_script_that_another_process_gave_it(base: str) -> None:
    steps = [{"token": "a"}, {"gate": "g"}, {"text": ": note\n\n"}, {"base64": "ZGF0YTog"}, {"end": True}]
    async with ClientSession(base) as http:
        async with http.post("/control/next", json={"job": "chat", "steps": steps}) as told:
            assert told.status == 200
        async with http.post("/v1/chat/completions", json={"stream": True}) as answer:
            assert b'"content": "a"' in await answer.content.readany()
            async with http.get("/control/requests") as seen:
                state = await seen.json()
            assert state["open_streams"] == 1
            assert state["requests"][0]["json"] == {"stream": True}
            async with http.post("/control/open", json={"gate": "g"}) as told:
                assert told.status == 200
            assert b": note\n\ndata: data: {" in await answer.content.read()


async def test_left_alone_it_answers_nicely(base: str) -> None:
    async with ClientSession(base) as http:
        async with http.post("/v1/chat/completions", json={}) as answer:
            content = await answer.json()
        assert content["choices"][0]["message"]["content"] == "The shop is open from nine to six."
        async with http.post("/v1/audio/speech", json={"input": "hi"}) as answer:
            assert answer.content_type == "audio/mpeg"


def test_it_imports_nothing_of_what_it_tests() -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse(PROGRAM.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add((node.module or "").partition(".")[0])
    assert "voicechat" not in imported
