"""The table of what providers do wrong, for `test_faults`: a row is a fault and what must come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from .scripted_openai import (
    ANSWER,
    DONE,
    FINISH,
    Behaviour,
    Cut,
    Mute,
    Pause,
    Reset,
    Stall,
    Step,
    Stream,
    answer,
    chunk,
    completion,
    event,
    page,
    plain,
    refusal,
    speech,
    tokens,
    tone,
)

WHOLE = "".join(ANSWER)
BEGUN = tokens("The", " shop")
PCM = tone(WHOLE)
LONG_AGO = "3600"
AT_ONCE = {"Retry_After": "0.02"}
"""A provider that names a time is not waited for longer than that, which keeps the tests short."""

ONCE_MORE = {"chat_retries": "1"}


@dataclass(frozen=True)
class Row:
    name: str
    job: Literal["stt", "chat", "tts"]
    does: Sequence[Behaviour]
    """What the first requests of the job get, which are all that may come of the first question."""
    code: str | None = None
    """That the visitor is told; None: nothing of it is to be noticed."""
    text: str | None = ""
    """What of the answer is kept; None: what was sent of it, however much."""
    retry_after: float | None = None
    sounds: bool = False
    """Whether the asker of v2 has heard something before speech failed."""
    settings: dict[str, str] = field(default_factory=dict)
    speech: bool = True


def chat(name: str, *does: Behaviour, code: str | None = "provider_failed", **more: object) -> Row:
    text = more.pop("text", "" if code else WHOLE)
    return Row(name, "chat", does, code, text, **more)  # type: ignore[arg-type]


def stt(name: str, *does: Behaviour, code: str | None = "provider_failed", **more: object) -> Row:
    return Row(name, "stt", does, code, "" if code else WHOLE, **more)  # type: ignore[arg-type]


def tts(name: str, *does: Behaviour, code: str | None = "provider_failed", **more: object) -> Row:
    return Row(name, "tts", does, code, WHOLE, **more)  # type: ignore[arg-type]


def stream(*steps: Step) -> Stream:
    return Stream([*BEGUN, *steps])


def sound(*steps: Step) -> Stream:
    return Stream([PCM[:9_600], *steps], 200, {"Content-Type": "audio/pcm"})


def said(text: str) -> bytes:
    return event(chunk({"content": text}))


EURO = said("Two € more.")
INSIDE_EURO = EURO.index("€".encode()) + 1

REFUSALS = (
    chat("429 with Retry-After passes", *[refusal(429, **AT_ONCE)] * 2, answer(*ANSWER), code=None),
    chat(
        "429 with Retry-After stays",
        *[refusal(429, **AT_ONCE)] * 3,
        code="provider_busy",
        retry_after=0.02,
    ),
    chat(
        "429 with a Retry-After past the time of an answer",
        refusal(429, Retry_After=LONG_AGO),
        code="provider_busy",
        retry_after=3600,
    ),
    chat("429 without Retry-After passes", refusal(429), answer(*ANSWER), code=None),
    chat("429 without Retry-After stays", *[refusal(429)] * 2, code="provider_busy", settings=ONCE_MORE),
    chat(
        "429 for quota, whatever Retry-After it names",
        refusal(429, "insufficient_quota", **AT_ONCE),
        code="provider_quota",
    ),
    chat("402", refusal(402), code="provider_quota"),
    chat("500 passes", refusal(500), answer(*ANSWER), code=None),
    chat("500 stays", *[refusal(500)] * 2, settings=ONCE_MORE),
    chat("502 with a page of the proxy stays", *[page(status=502)] * 2, settings=ONCE_MORE),
    chat("503 stays", *[refusal(503, **AT_ONCE)] * 3, code="provider_busy", retry_after=0.02),
    chat("504 stays", *[refusal(504)] * 2, code="provider_timeout", settings=ONCE_MORE),
    chat("401", refusal(401, "invalid_api_key")),
    chat("403", refusal(403)),
    chat("404 of the model", refusal(404, "model_not_found")),
    chat("a redirect", Stream([], 302, {"Location": "https://elsewhere.example/"})),
)

SILENCES = (
    chat(
        "accepts and never answers",
        Stream([Mute()]),
        code="provider_timeout",
        settings={"chat_first_token_seconds": "0.2"},
    ),
    chat(
        "a head and nothing behind it",
        Stream([Stall()]),
        code="provider_timeout",
        settings={"chat_first_token_seconds": "0.2"},
    ),
    chat(
        "a role and comments and no token",
        Stream([event(chunk({"role": "assistant"})), b": wait\n\n", Stall()]),
        code="provider_timeout",
        settings={"chat_first_token_seconds": "0.2"},
    ),
    chat(
        "a refusal whose body never ends",
        Stream([b'{"error": {', Stall()], 500, {"Content-Type": "application/json"}),
        code="provider_timeout",
        settings={"chat_first_token_seconds": "0.2"},
    ),
    chat(
        "tokens, then silence",
        stream(Stall()),
        code="provider_timeout",
        text="The shop",
        settings={"chat_between_tokens_seconds": "0.2"},
    ),
    chat(
        "tokens, then comments alone",
        stream(*[b": still here\n\n", Pause(0.1)] * 9, Stall()),
        code="provider_timeout",
        text="The shop",
        settings={"chat_between_tokens_seconds": "0.25"},
    ),
    chat(
        "tokens without an end",
        answer(*["on and "] * 50, gap_seconds=0.03),
        code="provider_timeout",
        text=None,
        settings={"chat_total_seconds": "0.4"},
    ),
    chat(
        "a stall shorter than the limit", Stream([*BEGUN, Pause(0.1), *answer(*ANSWER[2:]).steps]), code=None
    ),
)

CUTS = (
    chat("RST before the answer passes", Stream([Reset()]), answer(*ANSWER), code=None),
    chat("RST before the answer stays", *[Stream([Reset()])] * 2, settings=ONCE_MORE),
    chat("RST in the middle", stream(Reset()), text="The shop"),
    chat("cut in the middle", stream(Cut()), text="The shop"),
    chat("an end without [DONE] or finish_reason", stream(), text="The shop"),
    chat("cut inside a character", stream(EURO[:INSIDE_EURO], Cut()), text="The shop"),
    chat("an end inside a character", stream(EURO[:INSIDE_EURO]), text="The shop"),
    chat(
        "a character in two packets",
        Stream([EURO[:INSIDE_EURO], EURO[INSIDE_EURO:], FINISH, DONE]),
        code=None,
        text="Two € more.",
    ),
)

GARBAGE = (
    chat("bad JSON", stream(b"data: {bro\n\n", FINISH, DONE), text="The shop"),
    chat("bytes that are no UTF-8", stream(b"data: \xff\xfe\n\n", FINISH, DONE), text="The shop"),
    chat("binary", Stream([b"\x00\x01\x02" * 100], 200, {"Content-Type": "application/octet-stream"})),
    chat("binary between events", stream(b"\x00\xff\x80" * 100 + b"\n\n", Cut()), text="The shop"),
    chat("a line of 10 MB", stream(b"data: " + b"x" * 10_000_000), text="The shop"),
    chat("comments alone", Stream([b": nothing but\n\n", b": comments\n\n"])),
    chat("a web page with 200", page()),
    chat("an error in the stream", stream(event({"error": {"message": "no"}})), text="The shop"),
    chat("an error with 200", plain({"error": {"message": "no", "type": "invalid_request_error"}})),
    chat("other JSON with 200", plain({"something": "else"})),
    chat("two [DONE]", Stream([*tokens(*ANSWER), FINISH, DONE, DONE, said("!")]), code=None),
    chat(
        "null deltas",
        Stream([event(chunk(None)), event(chunk({"content": None})), *tokens(*ANSWER), FINISH, DONE]),
        code=None,
    ),
    chat(
        "ten thousand tokens at once",
        answer(*["so "] * 10_000),
        code=None,
        text="so " * 10_000,
        # As many packets take a busy machine some seconds.
        settings={"chat_total_seconds": "30"},
        speech=False,
    ),
    chat("no token", answer()),
    chat("a completion without text", completion("")),
)

HEARING = (
    stt("an empty transcript", plain({"text": ""}), code="nothing_heard"),
    stt("a blank transcript", plain({"text": " \n"}), code="nothing_heard"),
    stt("a recording too short", refusal(400, "audio_too_short", param="file"), code="nothing_heard"),
    stt("500 passes", refusal(500), plain({"text": "when are you open"}), code=None),
    stt("500 stays", *[refusal(500)] * 3),
    stt("429 stays", *[refusal(429, **AT_ONCE)] * 3, code="provider_busy", retry_after=0.02),
    stt("429 for quota", refusal(429, "insufficient_quota"), code="provider_quota"),
    stt("401", refusal(401)),
    stt("400 of the recording", refusal(400, param="file"), code="bad_audio"),
    stt("413", refusal(413), code="too_large"),
    stt("a web page with 200", page()),
    stt("garbage", Stream([b"\xff\x00"], 200, {"Content-Type": "application/json"})),
    stt("RST", Stream([Reset()]), plain({"text": "when are you open"}), code=None),
    stt(
        "accepts and never answers",
        Stream([Mute()]),
        code="provider_timeout",
        settings={"stt_timeout_seconds": "0.3"},
    ),
    stt(
        "half a transcript, then silence",
        Stream([b'{"text": "when', Stall()], 200, {"Content-Type": "application/json"}),
        code="provider_timeout",
        settings={"stt_timeout_seconds": "0.3"},
    ),
)

SPEAKING = (
    tts("500 passes", refusal(500), speech(PCM, "pcm"), code=None),
    tts("500 stays", *[refusal(500)] * 3),
    tts("401", refusal(401)),
    tts("429 with Retry-After passes", *[refusal(429, **AT_ONCE)] * 2, speech(PCM, "pcm"), code=None),
    tts("429 with Retry-After stays", *[refusal(429, **AT_ONCE)] * 3, code="provider_busy", retry_after=0.02),
    tts(
        "429 with a Retry-After past the silence",
        refusal(429, Retry_After=LONG_AGO),
        code="provider_busy",
        retry_after=3600,
    ),
    tts("429 without Retry-After passes", refusal(429), speech(PCM, "pcm"), code=None),
    tts("429 for quota", refusal(429, "insufficient_quota"), code="provider_quota"),
    tts("RST before the sound passes", Stream([Reset()]), speech(PCM, "pcm"), code=None),
    tts("RST in the middle", sound(Reset()), sounds=True),
    tts("cut in the middle", sound(Cut()), sounds=True),
    tts("a web page with 200", page()),
    tts("an error with 200", plain({"error": {"message": "no", "type": "invalid_request_error"}})),
    tts("no sound", Stream([], 200, {"Content-Type": "audio/pcm"})),
    tts("a broken file", Stream([b"ID3\x04" + b"garbage" * 99], 200, {"Content-Type": "audio/mpeg"})),
    tts(
        "accepts and never answers",
        Stream([Mute()]),
        code="provider_timeout",
        settings={"tts_timeout_seconds": "0.3"},
    ),
    tts(
        "a stall in the middle",
        sound(Stall()),
        code="provider_timeout",
        sounds=True,
        settings={"tts_timeout_seconds": "0.3"},
    ),
    tts(
        "silence for longer than an answer may cost",
        Stream([Mute()]),
        code="provider_timeout",
        settings={"tts_silence_seconds": "0.3"},
    ),
)

ROWS = (*REFUSALS, *SILENCES, *CUTS, *GARBAGE, *HEARING, *SPEAKING)
