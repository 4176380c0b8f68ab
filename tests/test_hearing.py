"""A recording's words while it is spoken: when the engine is called, and what becomes of what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np

from voicechat.audio import Activity, Recording, arriving, wav
from voicechat.config import Stt
from voicechat.dialogue import Transcript
from voicechat.engines.whisper import Whisper
from voicechat.errors import ProviderFailed, VoiceChatError
from voicechat.turn import Hearing
from voicechat.turn.calls import Calls
from voicechat.turn.hypotheses import PART_SECONDS

from .doubles import Ears
from .speech import RATE, SENTENCES, pcm, word_errors
from .speech.encoding import recorded_by_chromium

MS = RATE // 1000 * 2
"""Bytes."""

CHUNK = 100 * MS


def tone(ms: int) -> bytes:
    """Something as loud as speech."""
    wave = np.sin(np.arange(ms * RATE // 1000) * 0.1) * 8_000
    return wave.astype("<i2").tobytes()


def silence(ms: int) -> bytes:
    return bytes(ms * MS)


class Counting(Ears):
    """Hears a word for each half second of sound, when it is let; keeps what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Semaphore(0)
        self.begun = asyncio.Semaphore(0)
        self.stopped = 0
        self.is_busy = False
        self.error: VoiceChatError | None = None

    async def transcribe_if_idle(self, recording: Recording, language: str | None) -> str | None:
        if self.is_busy:
            return None
        self.begun.release()
        try:
            await self.may.acquire()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        return await self.transcribe(recording, language)

    async def transcribe(self, recording: Recording, language: str | None) -> str:
        self.recordings.append(recording)
        if self.error:
            raise self.error
        return " ".join(NUMBERS[: (len(recording.data) - 44) // (500 * MS)])

    async def let_one(self) -> None:
        """Let the call under way come to its end, and all that follows from it happen."""
        self.may.release()
        await settled()

    @property
    def seconds(self) -> list[float]:
        return [(len(one.data) - 44) / (1000 * MS) for one in self.recordings]


NUMBERS = [f"word{n}" for n in range(400)]


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class Speaker:
    """Feeds a hearing as a page does, a tenth of a second at a time."""

    def __init__(self, ears: Counting, calls: int = 40, format: str = "pcm16/16000") -> None:
        self.hearing = Hearing(arriving(format, 120), ears, calls, "en")
        self.told: list[Transcript] = []
        self.hearing.tell = self.told.append
        self.said = b""

    async def say(self, sound: bytes) -> None:
        for start in range(0, len(sound), CHUNK):
            self.said += sound[start : start + CHUNK]
            self.hearing.feed(sound[start : start + CHUNK])
            await settled()

    async def finish(self) -> str:
        return await self.hearing.finish(Recording(wav(self.said, RATE), "wav"))


@asynccontextmanager
async def finishing(speaker: Speaker) -> AsyncIterator[asyncio.Task[str]]:
    task = asyncio.create_task(speaker.finish())
    await settled()
    yield task
    await task


async def test_at_a_pause_what_was_said_is_transcribed_and_told() -> None:
    ears = Counting()
    speaker = Speaker(ears)
    await speaker.say(tone(700) + silence(100))
    ears.may.release()
    await speaker.say(silence(200))
    assert [told.text for told in speaker.told] == ["word0"]
    assert speaker.told[0].stable == 0 and not speaker.told[0].final


async def test_what_two_calls_agree_on_is_stable() -> None:
    ears = Counting()
    speaker = Speaker(ears)
    ears.may.release()
    ears.may.release()
    await speaker.say(tone(700) + silence(300) + tone(1_000) + silence(300))
    last = speaker.told[-1]
    assert last.text.startswith("word0 word1") and last.stable == len("word0")


async def test_without_a_pause_calls_come_about_once_a_second_and_more_rarely_in_a_long_recording() -> None:
    ears = Counting()
    for _ in range(100):
        ears.may.release()
    speaker = Speaker(ears, calls=400)
    await speaker.say(tone(8_000))
    assert 7 <= speaker.hearing.calls <= 10
    await speaker.say(tone(52_000))
    assert speaker.hearing.calls <= 30


async def test_one_call_is_under_way_at_a_time_however_long_it_takes() -> None:
    ears = Counting()
    speaker = Speaker(ears)
    await speaker.say(tone(5_000) + silence(500))
    assert speaker.hearing.calls == 1
    await ears.let_one()
    assert speaker.hearing.calls == 2  # with all that came meanwhile
    await ears.let_one()
    assert ears.seconds[1] >= 5.2


async def test_silence_is_not_transcribed_again_and_again() -> None:
    ears = Counting()
    for _ in range(50):
        ears.may.release()
    speaker = Speaker(ears)
    await speaker.say(silence(3_000))
    assert speaker.hearing.calls == 0
    await speaker.say(tone(900) + silence(20_000))
    assert speaker.hearing.calls <= 2


async def test_calls_are_counted_and_bounded_and_some_are_left_for_pauses() -> None:
    ears = Counting()
    for _ in range(50):
        ears.may.release()
    speaker = Speaker(ears, calls=4)
    await speaker.say(tone(10_000))
    assert speaker.hearing.calls == 3
    for _ in range(3):
        await speaker.say(silence(400) + tone(1_000))
    assert speaker.hearing.calls == 4


async def test_an_engine_that_has_no_time_is_asked_again_and_that_is_no_call() -> None:
    ears = Counting()
    ears.is_busy = True
    speaker = Speaker(ears, calls=1)
    await speaker.say(tone(1_000) + silence(500))
    assert speaker.hearing.calls == 0 and not speaker.told
    ears.is_busy = False
    ears.may.release()
    await speaker.say(silence(100))
    assert speaker.told


# ── The end ───────────────────────────────────────────────────────────────────────────────────


async def test_where_only_silence_came_after_it_what_was_heard_is_the_transcript_without_another_call() -> (
    None
):
    ears = Counting()
    for _ in range(5):
        ears.may.release()
    speaker = Speaker(ears)
    await speaker.say(tone(900) + silence(500))
    before = len(ears.recordings)
    assert await speaker.finish() == "word0 word1"
    assert len(ears.recordings) == before


async def test_a_call_under_way_that_covers_all_that_was_said_is_waited_for() -> None:
    ears = Counting()
    speaker = Speaker(ears)
    await speaker.say(tone(700) + silence(300))
    async with finishing(speaker) as task:
        assert not task.done() and not ears.recordings
        await ears.let_one()
    assert len(ears.recordings) == 1 and task.result() == "word0"


async def test_a_call_under_way_that_lacks_the_last_words_is_stopped_and_all_is_transcribed() -> None:
    ears = Counting()
    speaker = Speaker(ears)
    await speaker.say(tone(700) + silence(300) + tone(1_000))
    assert await speaker.finish() == " ".join(NUMBERS[:4])
    await settled()
    assert ears.stopped == 1 and ears.recordings == [Recording(wav(speaker.said, RATE), "wav")]


async def test_a_soft_word_after_the_last_call_is_not_lost() -> None:
    ears = Counting()
    for _ in range(5):
        ears.may.release()
    speaker = Speaker(ears)
    await speaker.say(tone(900) + silence(400))
    soft = (np.frombuffer(tone(200), "<i2") // 20).astype("<i2").tobytes()
    await speaker.say(soft + silence(100))
    await speaker.finish()
    assert ears.recordings[-1].data == wav(speaker.said, RATE)


async def test_where_nothing_was_heard_early_the_whole_is_transcribed() -> None:
    ears = Counting()
    speaker = Speaker(ears)
    await speaker.say(silence(900))
    await speaker.finish()
    assert ears.recordings == [Recording(wav(speaker.said, RATE), "wav")]


async def test_of_a_long_recording_only_the_last_part_is_transcribed_at_its_end() -> None:
    ears = Counting()
    for _ in range(200):
        ears.may.release()
    speaker = Speaker(ears, calls=200)
    for _ in range(6):
        await speaker.say(tone(6_600) + silence(400))
    await speaker.say(tone(500))
    await speaker.finish()
    assert max(ears.seconds) < 30 and ears.seconds[-1] < 20


async def test_an_engine_that_fails_early_is_not_asked_again_before_the_end() -> None:
    ears = Counting()
    ears.error = ProviderFailed("No.")
    for _ in range(5):
        ears.may.release()
    speaker = Speaker(ears)
    await speaker.say(tone(900) + silence(500) + tone(900) + silence(500))
    assert speaker.hearing.calls == 1
    ears.error = None
    assert await speaker.finish() == " ".join(NUMBERS[:5])
    assert ears.recordings[-1].data == wav(speaker.said, RATE)


async def test_to_stop_it_stops_the_call_under_way() -> None:
    ears = Counting()
    speaker = Speaker(ears)
    await speaker.say(tone(900) + silence(300))
    speaker.hearing.stop()
    await settled()
    assert ears.stopped == 1
    await speaker.say(tone(900) + silence(300))
    assert speaker.hearing.calls == 1


async def test_nothing_is_told_once_it_has_ended() -> None:
    ears = Counting()
    speaker = Speaker(ears)
    await speaker.say(tone(700) + silence(300))
    async with finishing(speaker):
        await ears.let_one()
    assert speaker.told == []


# ── With the embedded ears ────────────────────────────────────────────────────────────────────


async def heard(engine: Whisper, recording: Recording, format: str, chunk: int, calls: int = 40) -> str:
    hearing = Hearing(arriving(format, 120), engine, calls, "en")
    told: list[Transcript] = []
    hearing.tell = told.append
    data = recording.data[44:] if recording.container == "wav" else recording.data
    for start in range(0, len(data), chunk):
        hearing.feed(data[start : start + chunk])
        if hearing.busy is not None:
            await asyncio.wait([hearing.busy])
    assert told and all(one.text for one in told)
    return await hearing.finish(recording)


async def test_real_speech_is_heard_as_well_early_as_at_once_raw_and_in_webm() -> None:
    engine = Whisper(Stt(), max_seconds=120)
    await engine.load()
    errors = {"at once": 0, "raw": 0, "webm": 0}
    for file, words in list(SENTENCES.items())[:2]:
        sound = pcm(file) + silence(400)
        raw, webm = Recording(wav(sound, RATE), "wav"), recorded_by_chromium(sound, RATE)
        found = {
            "at once": await engine.transcribe(raw, "en"),
            "raw": await heard(engine, raw, "pcm16/16000", CHUNK),
            "webm": await heard(engine, webm, "webm/opus", 600),
        }
        for how, text in found.items():
            errors[how] += word_errors(words, text)[0]
    await engine.close()
    print(errors)
    assert errors["raw"] <= errors["at once"] + 1 and errors["webm"] <= errors["at once"] + 1


async def test_a_long_question_is_heard_in_parts_as_well_as_at_once() -> None:
    engine = Whisper(Stt(), max_seconds=120)
    await engine.load()
    sound = b"".join(pcm(file) + silence(350) for file in [*SENTENCES, *list(SENTENCES)[:4]])
    words = " ".join([*SENTENCES.values(), *list(SENTENCES.values())[:4]])
    assert len(sound) > 2 * PART_SECONDS * RATE * 2
    recording = Recording(wav(sound, RATE), "wav")
    at_once, _ = word_errors(words, await engine.transcribe(recording, "en"))
    in_parts, count = word_errors(words, await heard(engine, recording, "pcm16/16000", CHUNK, 16))
    await engine.close()
    print(f"{len(sound) / RATE / 2:.0f} s: {at_once} of {count} words misheard at once, {in_parts} in parts")
    assert in_parts <= at_once + 3


async def test_an_engine_without_time_is_asked_again_after_a_tenth_of_a_second_and_not_for_each_byte() -> (
    None
):
    asked = 0

    class Hurried(Ears):
        async def transcribe_if_idle(self, recording: Recording, language: str | None) -> None:
            nonlocal asked
            asked += 1

    hearing = Hearing(arriving("pcm16/16000", 120), Hurried(), 40, "en")
    sound = tone(1_000) + silence(1_000)
    for start in range(0, len(sound), 64):
        hearing.feed(sound[start : start + 64])
        await settled()
    assert 5 <= asked <= 15


def test_silence_before_the_first_word_is_no_reason_for_a_call() -> None:
    activity, calls = Activity(RATE), Calls(40, RATE)
    activity.feed(silence(2_000) + tone(600))
    assert activity.spoke_until and not calls.is_due(activity, 0)
    activity.feed(tone(400))
    assert calls.is_due(activity, 0)
