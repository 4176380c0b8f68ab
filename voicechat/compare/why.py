"""Why the numbers are as they are: sentences made of what was measured, and of nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .asks import Pair, Verdict
from .spread import LEAST_SECONDS, Spread, ratio
from .units import many, seconds, size

SLOW_LINE_BITS = 1_000_000
"""A second: a poor mobile line, for which the upload is reckoned."""

Maker = Callable[[Pair], Iterator[str]]

ALIKE = 1.15
"""Numbers of bytes that are less than this apart are told as the same."""


def why(pair: Pair) -> dict[str, str]:
    """Return what is to be said of *pair*, by what it is about; nothing where a mode gave no answer."""
    if not pair.is_whole:
        return {}
    makers: dict[str, tuple[Maker, ...]] = {
        "Upload": (_upload,),
        "Hearing": (_hearing,),
        "Text": (_text, _overlap),
        "Sound": (_first_sound, _voice_to_voice, _whole_sound),
        "Bytes": (_bytes_down,),
    }
    told = {
        topic: " ".join(sentence for maker in some for sentence in maker(pair))
        for topic, some in makers.items()
    }
    return {topic: sentences for topic, sentences in told.items() if sentences}


def _upload(pair: Pair) -> Iterator[str]:
    one, two = _both(pair, "sent")
    up = pair.v1.sizes["bytes_up"]
    if one is None or two is None or up is None:
        return
    if pair.kind == "typed":
        if pair.differs("sent"):
            yield f"The question has left after {_each(one, two)}."
        else:
            yield (
                f"A typed question is small, {size(up.median)} in v1: it has left after {_each(one, two)}, "
                "which makes no difference."
            )
        return
    yield (
        f"v1 sends the recording of {seconds(pair.v1.spoken_seconds)} when the last word is spoken, as one "
        f"body of {size(up.median)} in base64, and is done after {seconds(one.median)}; in v2 it goes up "
        f"while it is spoken, and after {seconds(two.median)} nothing is left to send."
    )
    if not pair.differs("sent"):
        yield "On the line on which this was measured that makes no clear difference."
    yield from _slow_line(pair, up)


def _slow_line(pair: Pair, up: Spread) -> Iterator[str]:
    live = pair.v2.sizes["bytes_up"]
    if live is None or pair.v2.spoken_seconds <= 0:
        return
    rate_bits = live.median * 8 / pair.v2.spoken_seconds
    if rate_bits < SLOW_LINE_BITS:
        yield (
            f"Reckoned, not measured: a line of 1 Mbit/s would need "
            f"{seconds(up.median * 8 / SLOW_LINE_BITS)} for v1's body, all of it waiting, while the "
            f"{rate_bits / 1000:.0f} kbit/s of v2 would have gone up during the speaking."
        )


def _hearing(pair: Pair) -> Iterator[str]:
    one, two = _both(pair, "transcript")
    if pair.kind != "spoken" or one is None or two is None:
        return
    yield (
        f"The server can begin to hear only when the recording has ended, in both modes; v2 shows what was "
        f"heard after {seconds(two.median)}, v1 with all the rest after {seconds(one.median)}."
    )
    at_work, too = pair.v1.server["stt"], pair.v2.server["stt"]
    if at_work is not None and too is not None:
        verdict = "which differs" if pair.differs("stt") else "so the hearing itself takes as long in both"
        yield (
            f"The server says that it heard for {seconds(at_work.median)} in v1 and for "
            f"{seconds(too.median)} in v2, {verdict}."
        )


def _text(pair: Pair) -> Iterator[str]:
    one, two = _both(pair, "first_text")
    whole = pair.v2.times["whole_text"]
    if one is None or two is None or whole is None:
        return
    last = "spoken" if pair.v1.times["first_sound"] else "written"
    yield _when_first(
        "The first words come",
        one,
        two,
        pair.verdict("first_text"),
        later=": here the stream brought nothing",
        sooner=f": v1 replies when the last sentence is {last}, v2 sends what is written as it is written",
    )
    if pair.verdict("first_text") != "longer":
        return
    if whole.median - two.median < LEAST_SECONDS:
        yield (
            "The chat engine gave its text in one piece, so word by word there was nothing to stream: "
            "what v2 saves here is waiting for the rest."
        )
    else:
        yield f"While the text grew, from {seconds(two.median)} to {seconds(whole.median)}, it could be read."


def _overlap(pair: Pair) -> Iterator[str]:
    first, whole = pair.v2.times["first_sound"], pair.v2.times["whole_text"]
    if first is None or whole is None:
        return
    if first.high < whole.low:
        yield (
            f"In v2 the sound began after {seconds(first.median)}, before the text was whole "
            f"({seconds(whole.median)}): the first sentence was spoken while the next ones were written."
        )
    elif whole.high < first.low:
        yield (
            f"In v2 the text was whole after {seconds(whole.median)}, before the first sound "
            f"({seconds(first.median)}): so here writing and speaking did not overlap."
        )


def _first_sound(pair: Pair) -> Iterator[str]:
    one, two = _both(pair, "first_sound")
    whole = pair.v2.times["whole_sound"]
    if one is None or two is None or whole is None:
        yield "Nothing was spoken, so there is no sound to compare."
        return
    sooner = "v2 sends a piece of speech as soon as it is made, and it plays while the rest comes"
    yield _when_first(
        "The first sound is there",
        one,
        two,
        pair.verdict("first_sound"),
        sooner=f": {sooner}, up to {seconds(whole.median)}",
    )


def _voice_to_voice(pair: Pair) -> Iterator[str]:
    one, two = _both(pair, "voice_to_voice")
    if one is None or two is None:
        return
    yield (
        f"From the last spoken sample to the first audible one it is {seconds(two.median)} in v2 and "
        f"{seconds(one.median)} in v1: the silence with which a voice ends and begins is waited for, too."
    )


def _when_first(
    what: str, one: Spread, two: Spread, verdict: Verdict, *, sooner: str, later: str = ""
) -> str:
    """
    Say after how long *what* in each mode.

    *sooner* ends the sentence where v2 was clearly first, *later* where v1 was.
    """
    if verdict == "longer":
        return (
            f"{what} after {seconds(two.median)} in v2 and {seconds(one.median)} in v1"
            f"{_as_long(one, two)}{sooner}."
        )
    if verdict == "shorter":
        return f"{what} after {seconds(two.median)} in v2, later than in v1 ({seconds(one.median)}){later}."
    return f"{what} after {_each(one, two)}: no clear difference."


def _whole_sound(pair: Pair) -> Iterator[str]:
    one, two = _both(pair, "whole_sound")
    if one is None or two is None:
        return
    told = f"The whole sound is there after {_each(one, two)}"
    if not pair.differs("whole_sound"):
        yield (
            f"{told}, no clear difference: streaming does not make the work smaller, for the server hears, "
            "writes and speaks in the same way for both; it only lets you have each part when it is made."
        )
    elif pair.verdict("whole_sound") == "longer":
        yield (
            f"{told}: {seconds(one.median - two.median)} more in v1, which packs all of the sound as one MP3 "
            "before it replies."
        )
    else:
        yield f"{told}: to have all of it takes {seconds(two.median - one.median)} longer in v2."


def _bytes_down(pair: Pair) -> Iterator[str]:
    one, two = pair.v1.sizes["bytes_down"], pair.v2.sizes["bytes_down"]
    more = ratio(two, one)
    if one is None or two is None or more is None:
        return
    told = f"Down come {size(one.median)} in v1 and {size(two.median)} in v2"
    if 1 / ALIKE < more < ALIKE:
        yield f"{told}, which is about the same."
    elif more > 1 and pair.v2.times["first_sound"] is not None:
        yield (
            f"{told}, {many(more)} times as much: that is the price of v2, whose sound comes as plain "
            "samples (48,000 bytes a second), ready to play as they come, while v1's is an MP3 in base64."
        )
    else:
        yield f"{told}."


def _both(pair: Pair, name: str) -> tuple[Spread | None, Spread | None]:
    return pair.v1.times[name], pair.v2.times[name]


def _each(one: Spread, two: Spread) -> str:
    return f"{seconds(one.median)} in v1 and {seconds(two.median)} in v2"


def _as_long(one: Spread, two: Spread) -> str:
    times = ratio(one, two)
    return f", {many(times)} times as long" if times is not None and times >= 1.05 else ""


def in_short(pair: Pair) -> str:
    """Return one sentence on what the visitor notices: the first words, and the first sound."""
    parts = []
    for name, what in (("first_text", "reads the first words"), ("first_sound", "hears the first sound")):
        one, two = _both(pair, name)
        if one is not None and two is not None:
            parts.append(f"{what} after {seconds(two.median)} in v2 and {seconds(one.median)} in v1")
    return f"Whoever {'types' if pair.kind == 'typed' else 'speaks'} {', and '.join(parts)}." if parts else ""
