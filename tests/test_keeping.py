"""What is stored of an answer while it is written."""

from __future__ import annotations

import asyncio

from voicechat.conversation.keeping import Keeping, ends_sentence
from voicechat.errors import Unavailable


class Shelf:
    """A store that takes its time."""

    def __init__(self) -> None:
        self.text = ""
        self.kept: list[str] = []
        self.gate = asyncio.Semaphore(0)
        self.error: Exception | None = None
        self.keeping = Keeping(pause_seconds=0)

    def say(self, piece: str) -> None:
        self.text += piece
        if ends_sentence(piece):
            self.keeping.grew(self._keep)

    async def _keep(self) -> None:
        text = self.text
        await self.gate.acquire()
        if self.error:
            raise self.error
        self.kept.append(text)


async def rest() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_text_is_stored_at_the_ends_of_its_sentences() -> None:
    shelf = Shelf()
    for _ in range(9):
        shelf.gate.release()
    for piece in ("From", " nine", ".", " To", " six", "!\n"):
        shelf.say(piece)
        await rest()
    assert shelf.kept == ["From nine.", "From nine. To six!\n"]


async def test_while_one_write_is_under_way_the_others_become_one() -> None:
    shelf = Shelf()
    for piece in ("One.", " Two.", " Three.", " Fo"):
        shelf.say(piece)
        await rest()
    for _ in range(9):
        shelf.gate.release()
    await rest()
    assert shelf.kept == ["One.", "One. Two. Three. Fo"]


async def test_after_the_end_nothing_more_is_stored() -> None:
    shelf = Shelf()
    shelf.say("One.")
    await rest()
    shelf.say(" Two.")
    finishing = asyncio.create_task(shelf.keeping.finish())
    await rest()
    assert not finishing.done()
    for _ in range(9):
        shelf.gate.release()
    await finishing
    await rest()
    assert shelf.kept == ["One."]


async def test_a_store_that_fails_fails_the_end_and_nothing_before() -> None:
    shelf = Shelf()
    shelf.error = Unavailable("The disk is full.")
    shelf.gate.release()
    shelf.say("One.")
    await rest()
    shelf.error = None
    shelf.gate.release()
    shelf.say(" Two.")
    await rest()
    assert shelf.kept == ["One. Two."]


async def test_what_is_complete_soon_is_not_stored_before() -> None:
    shelf = Shelf()
    shelf.keeping = Keeping(pause_seconds=3_600)
    shelf.say("One.")
    await rest()
    await shelf.keeping.finish()
    assert shelf.kept == []
