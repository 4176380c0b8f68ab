"""What counts as heard of an answer that is stopped, by a voice that knows when it says each word."""

import asyncio
from collections.abc import AsyncGenerator
from random import Random
from typing import Any

import pytest

from voicechat import dialogue as d
from voicechat.engines import Manner, Speech, TimedWord

from .conftest import Client, serving
from .doubles import MS, Brain, Voice, engines

CUTS = 200
LETTERS = "abcdefghijklmnoprstuvwzäéßø"
MARKS = ["", "", "", "", "", ",", ".", "!", ":", " –"]


class Knowing(Voice):
    """Says each word for as long as the dice say, in one piece or in several, and keeps when it said it."""

    def __init__(self, rng: Random, *, tells: bool) -> None:
        super().__init__()
        self.said: list[tuple[int, int]] = []
        """When each word of the answer begins and ends, in ms of all its sound."""
        self._rng = rng
        self._tells = tells
        self._made_ms = 0

    def begin(self) -> None:
        """An answer begins."""
        self.said, self._made_ms = [], 0

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[Speech, None]:  # type: ignore[override]
        words, pos, ms = [], 0, self._rng.randint(0, 90)
        for shown in text.split():
            start = text.index(shown, pos)
            pos = start + len(shown)
            if not any(character.isalnum() for character in shown):
                continue  # a dash is a pause
            end_ms = ms + self._rng.randint(60, 130) + 55 * len(shown)
            words.append(TimedWord(start, pos, ms, end_ms))
            ms = end_ms + self._rng.choice([0, 0, 0, 40, 300])
        self.said += [(self._made_ms + word.start_ms, self._made_ms + word.end_ms) for word in words]
        self._made_ms += ms
        piece_ms = self._rng.choice([ms, 700, 250])
        for from_ms in range(0, ms, piece_ms):
            until_ms = min(from_ms + piece_ms, ms)
            if told := tuple(word for word in words if from_ms <= word.start_ms < until_ms and self._tells):
                yield told
            yield MS * (until_ms - from_ms)
            await asyncio.sleep(0)


def an_answer(rng: Random) -> list[str]:
    """Return its words, as tokens."""
    words = []
    for _ in range(rng.randint(3, 60)):
        word = "".join(rng.choices(LETTERS, k=rng.randint(1, 11)))
        words.append(
            rng.choice([word, word, word.capitalize()]) + rng.choice(MARKS) + rng.choice([" "] * 9 + ["\n\n"])
        )
    return words


async def stopped(client: Client, turn: int, at_ms: int) -> tuple[int, int]:
    """Ask, play up to *at_ms* or the end, and stop; return how far it was played and the bytes kept."""
    await client.send(d.AskText("When?"), turn)
    here_ms = 0
    while here_ms < at_ms:
        message, told_of = await client.receive()
        if told_of != turn:
            continue  # the END of the answer before
        if isinstance(message, d.End):
            break
        if isinstance(message, d.AnswerAudio):
            here_ms = message.pos + len(message.data) // len(MS)
            await client.send(d.Played(min(here_ms, at_ms)), turn)
    at_ms = min(at_ms, here_ms)
    await client.send(d.Cancel(at_ms, d.CancelReason.BUTTON), turn)
    [cut] = [m for m in await client.until(d.Cut) if isinstance(m, d.Cut)]
    return at_ms, cut.pos


async def cuts(rng: Random, *, tells: bool) -> list[tuple[int, int, int]]:
    """Stop `CUTS` answers at random; return how many words of each were kept, said whole, and begun."""
    brain, voice, found = Brain(), Knowing(rng, tells=tells), []
    async with serving(engines(brain=brain, voice=voice)) as server, server.client() as client:
        await client.hello()
        for turn in range(1, CUTS + 1):
            brain.tokens = an_answer(rng)
            voice.begin()
            heard_ms, kept = await stopped(client, turn, rng.randint(1, 9_000))
            answer = "".join(map(str, brain.tokens)).encode()
            words = [word for word in answer[:kept].decode().split() if any(map(str.isalnum, word))]
            whole = sum(end <= heard_ms for _, end in voice.said)
            begun = sum(start < heard_ms for start, _ in voice.said)
            found.append((len(words), whole, begun))
    return found


@pytest.mark.parametrize("seed", [1, 2])
async def test_of_200_answers_that_are_stopped_anywhere_the_words_that_were_said_whole_are_kept(
    seed: int,
) -> None:
    found = await cuts(Random(seed), tells=True)
    assert len({whole for _, whole, _ in found}) > 15, "the cuts lie everywhere"
    off = [(kept, whole, begun) for kept, whole, begun in found if kept != whole]
    assert not off, off
    assert all(kept <= begun for kept, _, begun in found), "no word that was not played"


async def test_where_the_voice_knows_no_words_most_cuts_are_a_word_or_two_off() -> None:
    found = await cuts(Random(1), tells=False)
    errors = sorted(abs(kept - whole) for kept, whole, _ in found)
    print(f"words off: {sum(errors) / len(errors):.2f} on average, {errors[len(errors) // 2]} in the middle")
    assert errors[len(errors) // 2] <= 1 and errors[len(errors) * 9 // 10] <= 3


class Slow(Voice):
    """Says two words and stops there, which takes longer than anybody would guess for all of the text."""

    def __init__(self, *, tells: bool) -> None:
        super().__init__()
        self._tells = tells

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[Any, None]:
        if self._tells:
            yield (TimedWord(0, 4, 0, 2_000),)
        yield MS * 2_000
        if self._tells:
            yield (TimedWord(5, 9, 2_000, 5_000),)
        yield MS * 3_000
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("tells", "kept"), [(True, ["From"]), (False, ["From", "From nine", "From nine to"])]
)
async def test_a_piece_that_is_still_spoken_was_not_heard_whole_though_its_guessed_end_is_past(
    tells: bool, kept: list[str]
) -> None:
    text = "From nine to six."
    async with (
        serving(engines(brain=Brain(text), voice=Slow(tells=tells)), limits_lead_ms="9000") as server,
        server.client() as client,
    ):
        await client.hello()
        heard_ms, pos = await stopped(client, 1, 4_000)
    assert heard_ms == 4_000 and text[:pos] in kept
