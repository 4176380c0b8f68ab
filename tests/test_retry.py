"""An answer that broke off is asked for once more: the question stays, its answer is made anew."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from voicechat import dialogue as d
from voicechat.errors import ProviderFailed

from .conftest import Client, serving
from .doubles import Brain, Ears, Voice, engines


async def broken_off(client: Client, brain: Brain, **hello: Any) -> str:
    """Ask a question whose answer fails, mend the brain, and return the chat."""
    chat: str = (await client.hello(**hello))["chat"]
    await client.send(d.AskText("When?"), 1)
    await client.until(d.End)
    brain.tokens = ("From nine ", "to six.")
    return chat


async def retry(client: Client, n: int = 1, turn: int = 2) -> list[Any]:
    await client.send(d.ClientEvent({"type": "retry", "n": n, "turn": turn}))
    return await client.until(d.End)


def text_of(messages: list[Any]) -> str:
    return "".join(one.text for one in messages if isinstance(one, d.AnswerText))


async def test_a_question_whose_answer_failed_is_answered_anew_and_stored_once() -> None:
    brain = Brain("Well, ", ProviderFailed("It failed."))
    async with serving(engines(brain=brain, voice=Voice())) as server, server.client() as client:
        chat = await broken_off(client, brain)
        told = await retry(client)
        headers = {"Authorization": f"Bearer {chat}"}
        async with server.http.get(server.url + "/api/messages", headers=headers) as response:
            stored = (await response.json())["messages"]
    assert told[:2] == [d.ServerEvent({"type": "retry", "n": 1, "turn": 2}), d.Accepted(1)]
    assert text_of(told) == "From nine to six."
    assert told[-1].flags == d.EndFlag.COMPLETE and told[-1].audio_ms > 0
    assert [(one["n"], one["text"], one["status"]) for one in stored] == [
        (1, "When?", "complete"),
        (2, "From nine to six.", "complete"),
    ]
    assert [message.text for message in brain.prompts[-1].history] == ["When?"]


async def test_the_other_tabs_see_the_new_answer_in_the_place_of_the_old_one() -> None:
    brain = Brain("Well, ", ProviderFailed("It failed."))
    async with serving(engines(brain=brain)) as server, server.client() as client, server.client() as other:
        chat = await broken_off(client, brain)
        await other.hello(tab="other", chat=chat)
        await retry(client)
        told = await other.until(d.End)
    assert told[:2] == [d.ServerEvent({"type": "retry", "n": 1, "turn": 0x8000}), d.User(1, "When?")]
    assert text_of(told) == "From nine to six."


async def test_the_same_retry_again_is_the_same_answer() -> None:
    brain = Brain("Well, ", ProviderFailed("It failed."))
    async with serving(engines(brain=brain)) as server, server.client() as client:
        await broken_off(client, brain)
        first, second = await retry(client), await retry(client)
    assert text_of(first) == text_of(second) and second[0] == d.Accepted(1)
    assert len(brain.prompts) == 2


async def test_the_first_key_of_a_question_that_is_answered_anew_waits_and_changes_nothing(
    tmp_path: Path,
) -> None:
    brain = Brain("Well, ", ProviderFailed("It failed."))
    store = f"sqlite:{tmp_path / 'chats.db'}"
    async with serving(engines(brain=brain), store=store) as server, server.client() as client:
        chat = await broken_off(client, brain)
    brain.gate = asyncio.Semaphore(1)
    async with serving(engines(brain=brain), store=store) as server, server.client() as client:
        await client.hello(chat=chat)
        await client.send(d.ClientEvent({"type": "retry", "n": 1, "turn": 2}))
        await client.until(d.AnswerText)
        await client.send(d.AskText("When?"), 1)
        fault, end = (await client.until(d.End))[-2:]
        brain.gate.release()
        await client.until(d.End)
        await client.send(d.AskText("When?"), 1)
        told = await client.until(d.End)
        await client.send(d.Cancel(0, d.CancelReason.TYPED_OVER), 1)
        await client.until(d.Cut)
        async with server.http.get(
            server.url + "/api/messages", headers={"Authorization": f"Bearer {chat}"}
        ) as response:
            [_, stored] = (await response.json())["messages"]
    assert (fault.code, end.flags) == ("key_in_use", d.EndFlag.FAILED)
    assert text_of(told) == stored["text"] == "From nine to six."
    assert len(brain.prompts) == 2


async def test_in_a_chat_whose_id_is_ones_own_a_retry_is_refused_with_its_end() -> None:
    async with serving() as server, server.client() as client:
        await client.hello(chat="me")
        fault, end = await retry(client)
    assert (fault.code, end.flags) == ("not_found", d.EndFlag.FAILED)


async def test_a_retry_under_the_number_of_another_question_is_refused() -> None:
    brain = Brain("Well, ", ProviderFailed("It failed."))
    async with serving(engines(brain=brain)) as server, server.client() as client:
        await broken_off(client, brain)
        await client.send(d.AskText("Where?"), 2)
        await client.until(d.End)
        await client.send(d.ClientEvent({"type": "retry", "n": 1, "turn": 2}))
        [fault] = await client.until(d.Fault)
    assert fault.code == "key_reused" and len(brain.prompts) == 2


async def test_after_a_restart_the_key_of_a_retry_finds_its_answer(tmp_path: Path) -> None:
    brain = Brain("Well, ", ProviderFailed("It failed."))
    store = f"sqlite:{tmp_path / 'chats.db'}"
    async with serving(engines(brain=brain), store=store) as server, server.client() as client:
        chat = await broken_off(client, brain)
        await retry(client)
    async with serving(engines(brain=brain), store=store) as server, server.client() as client:
        assert (await client.hello(chat=chat))["next_turn"] == 3
        assert text_of(await retry(client)) == "From nine to six."
    assert len(brain.prompts) == 2


@pytest.mark.parametrize("n", [0, 2, 3, 99, -1])
async def test_what_is_no_question_with_a_broken_answer_is_not_found(n: int) -> None:
    brain = Brain("Well, ", ProviderFailed("It failed."))
    async with serving(engines(brain=brain)) as server, server.client() as client:
        await broken_off(client, brain)
        await client.send(d.AskText("Where?"), 2)
        await client.until(d.End)
        fault, end = await retry(client, n, turn=3)
    assert fault.code == "not_found" and end.flags == d.EndFlag.FAILED
    assert len(brain.prompts) == 2


@pytest.mark.parametrize(
    "content", [{}, {"n": 1}, {"n": "1", "turn": 2}, {"n": 1, "turn": 0x8000}, {"n": True, "turn": 2}]
)
async def test_a_retry_that_says_too_little_is_a_bad_request(content: dict[str, Any]) -> None:
    async with serving() as server, server.client() as client:
        await client.hello()
        await client.send(d.ClientEvent({"type": "retry", **content}))
        [fault] = await client.until(d.Fault)
    assert fault.code == "bad_request"


async def test_a_retry_waits_its_turn_and_too_many_are_refused() -> None:
    brain = Brain("Well, ", ProviderFailed("It failed."))
    async with serving(engines(brain=brain), limits_queue="0") as server, server.client() as client:
        await broken_off(client, brain)
        brain.gate = asyncio.Semaphore(0)
        await client.send(d.AskText("Where?"), 2)
        await client.until(d.Accepted)
        told = await retry(client, turn=3)
        [fault] = [one for one in told if isinstance(one, d.Fault)]
        brain.gate.release()
        brain.gate.release()
    assert fault.code == "busy"


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_a_spoken_question_that_could_not_be_heard_is_heard_when_it_is_asked_for_again(
    kind: str, tmp_path: Path
) -> None:
    ears = Ears(ProviderFailed("It failed."))
    store = "memory" if kind == "memory" else f"sqlite:{tmp_path / 'chats.db'}"
    async with serving(engines(ears), store=store) as server, server.client() as client:
        await client.hello(audio_in=["pcm16/16000"])
        await client.send(d.AskAudio(0, 0, bytes(32_000)), 1)
        await client.send(d.AskAudioEnd(32_000), 1)
        failed = await client.until(d.End)
        ears.words = "when are you open"
        told = await retry(client)
    assert failed[-1].flags == d.EndFlag.FAILED
    assert [one.text for one in told if isinstance(one, d.Transcript)] == ["when are you open"]
    assert told[-1].flags == d.EndFlag.COMPLETE
    assert len({one.data for one in ears.recordings}) == 1


async def test_one_in_which_nothing_was_heard_is_not() -> None:
    async with serving(engines(Ears(""))) as server, server.client() as client:
        await client.hello(audio_in=["pcm16/16000"])
        await client.send(d.AskAudio(0, 0, bytes(32_000)), 1)
        await client.send(d.AskAudioEnd(32_000), 1)
        await client.until(d.End)
        fault, end = await retry(client)
    assert (fault.code, end.flags) == ("not_found", d.EndFlag.FAILED)
