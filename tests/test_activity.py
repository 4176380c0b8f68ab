"""Who speaks and who pauses, told by loudness, in samples."""

import numpy as np
import pytest

from voicechat.audio import Activity, Resampler

from .speech import RATE, SENTENCES, pcm

CHANCE = np.random.default_rng(1)


def silence(ms: int, noise: float = 0) -> bytes:
    return (CHANCE.standard_normal(ms * RATE // 1000) * noise).astype("<i2").tobytes()


def noisy(sound: bytes, noise: float) -> bytes:
    samples = np.frombuffer(sound, "<i2") + CHANCE.standard_normal(len(sound) // 2) * noise
    return samples.clip(-32_768, 32_767).astype("<i2").tobytes()


def after(*sound: bytes, rate: int = RATE) -> Activity:
    activity = Activity(rate)
    whole = b"".join(sound)
    for start in range(0, len(whole), 3_200):
        activity.feed(whole[start : start + 3_200])
    return activity


def end_of_speech(file: str) -> int:
    """Return the sample after the last one that is louder than a hundredth of the loudest."""
    samples = np.abs(np.frombuffer(pcm(file), "<i2").astype(np.int32))
    return int(np.flatnonzero(samples > samples.max() / 100)[-1])


@pytest.mark.parametrize("file", SENTENCES)
@pytest.mark.parametrize("noise", [0, 20, 100])
def test_after_a_sentence_the_pause_is_seen_where_it_begins(file: str, noise: float) -> None:
    activity = after(silence(300, noise), noisy(pcm(file), noise), silence(500, noise))
    end = end_of_speech(file) + 300 * RATE // 1000
    assert abs(activity.sounded_until - end) <= 0.15 * RATE
    assert activity.spoke_until <= activity.sounded_until
    assert activity.silent_ms >= 300


@pytest.mark.parametrize("file", SENTENCES)
def test_whoever_begins_with_the_first_sample_is_heard(file: str) -> None:
    half = pcm(file)[: RATE * 2]
    assert after(half).spoke_until > 0.5 * RATE


def test_a_quiet_room_and_a_click_are_no_speech() -> None:
    click = (CHANCE.standard_normal(RATE // 50) * 8_000).astype("<i2").tobytes()
    assert after(silence(2_000)).spoke_until == 0
    assert after(silence(2_000, 20)).spoke_until == 0
    assert after(silence(1_000), click, silence(1_000)).spoke_until == 0


def test_a_word_after_a_pause_is_seen_though_it_is_four_times_softer() -> None:
    word = pcm("pay.flac")[:RATE]
    soft = (np.frombuffer(word, "<i2") / 4).astype("<i2").tobytes()
    before = after(pcm("parking.flac"), silence(400))
    activity = after(pcm("parking.flac"), silence(400), soft, silence(400))
    assert activity.sounded_until > before.samples


def test_where_the_room_is_as_loud_as_the_voice_nothing_is_called_silence() -> None:
    loud = noisy(pcm("parking.flac"), 3_000)
    activity = after(loud, silence(500, 3_000))
    assert activity.samples - activity.sounded_until < 0.1 * RATE


def test_a_constant_that_a_sound_card_adds_is_not_heard() -> None:
    constant = np.full(2 * RATE, 3_000, "<i2").tobytes()
    assert after(constant).spoke_until == 0


def test_the_pieces_in_which_it_comes_change_little() -> None:
    sound = pcm("teapot.flac") + silence(300)
    one, other = after(sound), Activity(RATE)
    for start in range(0, len(sound), 334):
        other.feed(sound[start : start + 334])
    assert abs(one.spoke_until - other.spoke_until) <= 0.04 * RATE


def test_other_rates_are_counted_in_their_own_samples() -> None:
    resampler = Resampler(RATE, 24_000)
    sound = resampler.push(pcm("saturday.flac") + silence(400)) + resampler.flush()
    one, other = after(sound, rate=24_000), after(pcm("saturday.flac") + silence(400))
    assert abs(one.spoke_until / 24_000 - other.spoke_until / RATE) < 0.05


def test_a_low_voice_is_heard_after_a_bump_of_the_microphone() -> None:
    bump = np.where(np.arange(RATE * 150 // 1000) // 90 % 2, 30_000, -30_000).astype("<i2").tobytes()
    low = (np.frombuffer(pcm("return.flac"), "<i2") / 15).astype("<i2").tobytes()
    before = after(low, silence(300), bump, silence(400))
    assert after(low, silence(300), bump, silence(400), low).sounded_until > before.samples + RATE
