"""`voicechat compare`: its numbers by table, and the command from its first question to its files."""

from __future__ import annotations

import asyncio
import fcntl
import io
import json
import os
import re
import signal
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicechat import dialogue as d
from voicechat.audio import Recording, duration_seconds, mp3
from voicechat.client import Moment, NotThere, Stages
from voicechat.compare.asks import Ask, Kind, Pair, Report, Run
from voicechat.compare.audible import heard_at_seconds, loud, quiet_seconds
from voicechat.compare.cost import Calls, bill
from voicechat.compare.measuring import rounds
from voicechat.compare.page import page
from voicechat.compare.questions import WITHOUT_SITE, Question, speak, typed
from voicechat.compare.servers import own_server
from voicechat.compare.spread import Spread
from voicechat.compare.table import as_json, as_text, rows
from voicechat.compare.units import many, seconds, size
from voicechat.compare.waterfall import Bar, Lane, axis_of, waterfall
from voicechat.compare.why import why
from voicechat.engines import EngineInfo
from voicechat.errors import ProviderFailed
from voicechat.progress import Progress, bar

from .conftest import serving
from .doubles import Brain, Voice, engines
from .speech import pcm
from .speech.encoding import encoded

# ── Numbers ───────────────────────────────────────────────────────────────────────────────────


def ask(mode: Any, first: float, whole: float, kind: Kind = "typed", **stages: Any) -> Ask:
    """Return an ask whose text came from *first* to *whole*, and whose sound a second later."""
    values: dict[str, Any] = {
        "asked_at_seconds": 0.0,
        "sent": 0.001,
        "transcript": first / 2 if kind == "spoken" else None,
        "first_text": first,
        "whole_text": whole,
        "first_sound": first + 1,
        "whole_sound": whole + 1,
        "ended": whole + 1,
        "first_clause": None if mode == "v1" else first + 0.25,
        "first_heard": (whole if mode == "v1" else first + 1) + 0.125,
        "bytes_up": 100,
        "bytes_down": 1000,
    }
    if mode == "v1":
        values |= dict.fromkeys(("first_text", "first_sound", "whole_text", "whole_sound"), whole)
    spoken = 2.0 if kind == "spoken" else 0.0
    server_ms = {"stt": 300.0, "total": 2000.0}
    return Ask(mode, kind, "When?", spoken, Stages(**(values | stages)), server_ms, quiet_seconds=spoken / 8)


def failed(mode: Any, why: str) -> Ask:
    return Ask(mode, "typed", "When?", 0.0, None, {}, why)


def pair(*asks: Ask, kind: Kind = "typed") -> Pair:
    return Pair.of(asks, kind)


USUAL = (ask("v1", 3, 3), ask("v2", 0.5, 2))
SPOKEN = (ask("v1", 3, 3, "spoken"), ask("v2", 0.5, 2, "spoken"))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([2.0], (2.0, 2.0, 2.0, 1)),
        ([4.0, 2.0], (3.0, 2.5, 3.5, 2)),
        ([5.0, 1.0, 3.0, 2.0, 4.0], (3.0, 2.0, 4.0, 5)),
    ],
)
def test_a_spread_is_the_median_and_the_middle_half(
    values: list[float], expected: tuple[float, float, float, int] | None
) -> None:
    spread = Spread.of(values)
    assert (spread and (spread.median, spread.low, spread.high, spread.count)) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (seconds(0.0002), "less than 1 ms"),
        (seconds(0.0416), "42 ms"),
        (seconds(0.9996), "1.00 s"),
        (seconds(12.34), "12.3 s"),
        (size(999), "999 bytes"),
        (size(12_345), "12.3 kB"),
        (size(999_600), "1 MB"),
        (size(1_450_000), "1.45 MB"),
        (many(1.25), "1.2"),
        (many(71.8), "72"),
    ],
)
def test_numbers_are_told_as_people_read_them(told: str, expected: str) -> None:
    assert told == expected


@pytest.mark.parametrize(
    ("v1", "v2", "verdict"),
    [
        ([3.0, 6.0], [1.0, 4.5], "longer"),
        ([1.0, 4.0], [1.5, 4.4], "shorter"),
        ([1.0, 2.0], [1.01, 2.01], "alike"),
        ([1.0, 2.0, 3.0, 4.0], [0.5, 2.3, 2.6, 4.1], "unclear"),
    ],
)
def test_an_ask_is_compared_with_its_twin_however_far_apart_the_questions_are(
    v1: list[float], v2: list[float], verdict: str
) -> None:
    asks = [a for one, two in zip(v1, v2, strict=True) for a in (ask("v1", one, one), ask("v2", two, two))]
    assert pair(*asks).verdict("first_text") == verdict


def test_what_failed_is_told_and_left_out_of_the_numbers() -> None:
    mixed = pair(*USUAL, failed("v1", "Busy."), ask("v2", 9, 9), *USUAL)
    assert mixed.v1.count == 2 and mixed.v1.failures == ("Busy.",) and mixed.v2.count == 3
    assert mixed.longer["first_text"] == Spread.of([2.5, 2.5])
    assert not pair(failed("v1", "Busy."), ask("v2", 1, 1)).is_whole


def test_the_table_has_a_row_for_each_stage_and_the_ratio_of_what_differs() -> None:
    told = {name: cells for name, *cells in rows(pair(*SPOKEN, kind="spoken"))}
    assert list(told) == [
        *("upload done", "hearing", "first text", "first clause", "whole text"),
        *("first sound", "first audible", "whole sound", "voice to voice", "bytes up", "bytes down"),
    ]
    assert told["first text"] == ["3.000", "3.000–3.000", "0.500", "0.500–0.500", "6.00"]
    assert told["first clause"] == ["–", "–", "0.750", "0.750–0.750", "–"]
    assert told["voice to voice"][::2] == ["3.375", "1.875", "1.80"]
    assert told["upload done"][-1] == "alike" and told["bytes up"][-1] == "1.00"


def test_a_stage_that_never_took_place_has_no_row() -> None:
    mute = [ask(mode, 1, 1, first_sound=None, whole_sound=None, first_heard=None) for mode in ("v1", "v2")]
    unheard = ("sound", "hearing", "audible", "voice")
    assert [name for name, *_ in rows(pair(*mute)) if any(word in name for word in unheard)] == []


# ── What is to be heard ───────────────────────────────────────────────────────────────────────

TONE = (np.ones(2_400) * 8_000).astype("<i2").tobytes()
"""A tenth of a second at 24 kHz."""
FAINT = (np.ones(2_400) * 100).astype("<i2").tobytes()


def sound(at: float, pcm: bytes) -> Moment:
    return Moment(at, d.AnswerAudio(0, pcm), 0, 0)


def test_silence_before_and_behind_what_is_loud_is_none_of_it() -> None:
    assert loud(FAINT + TONE + FAINT * 2, 24_000) == (0.1, 0.2)
    assert quiet_seconds(FAINT + TONE + FAINT * 2, 24_000) == pytest.approx(0.2)
    assert loud(bytes(4_800), 24_000) is None and loud(b"", 24_000) is None
    assert quiet_seconds(bytes(4_800), 24_000) == 0


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([(5.0, TONE)], 5.0),
        ([(5.0, FAINT + TONE)], 5.1),
        ([(5.0, FAINT), (5.05, TONE)], 5.1),  # which is there before the one in front of it is over
        ([(5.0, FAINT), (5.75, TONE)], 5.75),  # and which is not
        ([(5.0, bytes(4_800))], None),
        ([], None),
    ],
)
def test_the_first_audible_sample_sounds_when_its_piece_is_there_and_what_is_before_it_is_over(
    pieces: list[tuple[float, bytes]], expected: float | None
) -> None:
    heard = heard_at_seconds([sound(*piece) for piece in pieces], "pcm16/24000")
    assert heard == (None if expected is None else pytest.approx(expected))


def test_the_first_audible_sample_of_an_mp3_is_found_too() -> None:
    hum = (8_000 * np.sin(np.arange(24_000) / 10)).astype("<i2").tobytes()
    heard = heard_at_seconds([sound(5.0, mp3(bytes(24_000) + hum))], "mp3")
    assert heard == pytest.approx(5.5, abs=0.1)  # its encoder adds some silence of its own


def test_a_typed_question_has_no_voice_to_voice() -> None:
    assert ask("v2", 1, 2).voice_to_voice is None
    assert ask("v2", 1, 2, "spoken").voice_to_voice == 0.25 + 2.125
    assert ask("v2", 1, 2, "spoken", first_heard=None).voice_to_voice is None


# ── The waterfall ─────────────────────────────────────────────────────────────────────────────


def lane(label: str, lanes: tuple[Lane, ...]) -> dict[str, Bar]:
    [found] = [one for one in lanes if one.label == label]
    return {bar.look: bar for bar in found.bars}


def test_both_modes_lie_on_one_axis_and_all_of_it_within() -> None:
    fall = waterfall(pair(*SPOKEN, kind="spoken"))
    assert fall.axis.start == -2.0 and fall.axis.at(0) == pytest.approx(2 / (2 + 3.125 * 1.03))
    bars = [bar for one in (*fall.v1, *fall.v2) for bar in one.bars]
    assert all(0 <= bar.start <= bar.end <= 1 for bar in bars)


def test_in_v1_all_comes_at_the_reply_and_in_v2_each_part_by_itself() -> None:
    fall = waterfall(pair(*USUAL))
    reply = fall.axis.at(3)
    for label in ("Text", "Sound"):
        assert lane(label, fall.v1)["come"] == Bar("come", reply, reply)
        assert lane(label, fall.v1)["wait"] == Bar("wait", 0, reply)
    assert lane("Text", fall.v2)["come"] == Bar("come", fall.axis.at(0.5), fall.axis.at(2))
    assert lane("Sound", fall.v2)["come"] == Bar("come", fall.axis.at(1.5), fall.axis.at(3))


def test_the_first_clause_and_the_first_audible_sample_are_dots_where_they_are_known() -> None:
    fall = waterfall(pair(*USUAL))
    dots = [{one.label: one.dots for one in lanes} for lanes in (fall.v1, fall.v2)]
    assert dots[0]["Text"] == () and dots[1]["Text"] == (fall.axis.at(0.75),)
    assert dots[0]["Sound"] == (fall.axis.at(3.125),) and dots[1]["Sound"] == (fall.axis.at(1.625),)


def test_in_v2_a_recording_goes_up_while_it_is_spoken_and_in_v1_after_that() -> None:
    fall = waterfall(pair(*SPOKEN, kind="spoken"))
    end = fall.axis.at(0)
    for lanes in (fall.v1, fall.v2):
        assert lane("You speak", lanes)["voice"] == Bar("voice", 0, end)
    assert lane("Upload", fall.v1)["come"].start == end
    assert lane("Upload", fall.v2)["come"].start == 0
    assert "You speak" not in [one.label for one in waterfall(pair(*USUAL)).v2]


@pytest.mark.parametrize("whole", [0.004, 0.3, 1.0, 2.34, 9.9, 61.0])
def test_an_axis_has_a_few_round_ticks(whole: float) -> None:
    axis = axis_of(pair(ask("v1", whole, whole), ask("v2", whole, whole, whole_sound=whole)))
    assert 2 <= len(axis.ticks) <= 8 and axis.ticks[0] == 0 and axis.ticks[-1] <= axis.end
    assert re.fullmatch(r"[125]0*", f"{axis.ticks[1]:.9f}".replace(".", "").strip("0"))


def test_a_whisker_is_drawn_for_begin_and_end_unless_it_is_too_short_or_the_same() -> None:
    asks = [ask("v1", 2, 2), ask("v2", 1, 3), ask("v1", 4, 4), ask("v2", 2, 3.001)]
    fall = waterfall(pair(*asks))
    [text1, text2] = [next(one for one in lanes if one.label == "Text") for lanes in (fall.v1, fall.v2)]
    assert [whisker.is_above for whisker in text1.whiskers] == [True]
    assert [whisker.is_above for whisker in text2.whiskers] == [True]
    assert text2.whiskers[0].low == fall.axis.at(1.25)


# ── Why ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asks", "topic", "said", "unsaid"),
    [
        (USUAL, "Upload", "makes no difference", "Reckoned"),
        (USUAL, "Text", "500 ms in v2 and 3.00 s in v1, 6.0 times as long", "no clear difference"),
        (USUAL, "Text", "from 500 ms to 2.00 s", "in one piece"),
        (USUAL, "Text", "after 1.50 s, before the text was whole (2.00 s)", "did not overlap"),
        (USUAL, "Sound", "plays while the rest comes, up to 3.00 s", "longer in v2"),
        (USUAL, "Sound", "no clear difference: streaming does not make the work smaller", "MP3"),
        (USUAL, "Bytes", "which is about the same", "price"),
        ((ask("v1", 3, 3), ask("v2", 0.5, 0.5)), "Text", "in one piece", "While the text grew"),
        ((ask("v1", 3, 3), ask("v2", 0.5, 0.5)), "Text", "did not overlap", "while the next ones"),
        ((ask("v1", 3, 3), ask("v2", 0.5, 1)), "Sound", "1.00 s more in v1", "no clear"),
        ((ask("v1", 3, 3), ask("v2", 0.5, 4)), "Sound", "2.00 s longer in v2", "no clear"),
        ((ask("v1", 1, 1), ask("v2", 1, 1)), "Text", "no clear difference", "times as long"),
        ((ask("v1", 1, 1), ask("v2", 2, 2)), "Text", "the stream brought nothing", "times as long"),
        ((ask("v1", 3, 3), ask("v2", 1, 2, bytes_down=4400)), "Bytes", "4.4 times as much", "the same"),
    ],
)
def test_why_says_what_the_numbers_say_and_nothing_else(
    asks: tuple[Ask, ...], topic: str, said: str, unsaid: str
) -> None:
    told = why(pair(*asks))[topic]
    assert said in told and unsaid not in told, told


def test_why_of_spoken_questions_tells_of_the_upload_during_the_speaking() -> None:
    asks = (ask("v1", 3, 3, "spoken", bytes_up=90_000), ask("v2", 0.5, 2, "spoken", bytes_up=64_500))
    told = why(pair(*asks, kind="spoken"))
    assert "to the first audible one it is 1.88 s in v2 and 3.38 s in v1" in told["Sound"]
    assert "recording of 2.00 s" in told["Upload"] and "one body of 90 kB" in told["Upload"]
    assert "need 720 ms for v1's body" in told["Upload"] and "258 kbit/s of v2" in told["Upload"]
    assert "heard for 300 ms in v1 and for 300 ms in v2, so the hearing itself" in told["Hearing"]


def test_why_says_that_nothing_was_spoken_and_nothing_where_nothing_was_answered() -> None:
    mute = [ask(mode, 1, 1, first_sound=None, whole_sound=None) for mode in ("v1", "v2")]
    assert why(pair(*mute))["Sound"] == "Nothing was spoken, so there is no sound to compare."
    assert why(pair(failed("v1", "Busy."), ask("v2", 1, 1))) == {}


# ── What is asked, what it costs, how far it is ───────────────────────────────────────────────

QUESTIONS = [
    Question("typed", "One?"),
    Question("typed", "Two?"),
    Question("spoken", "One?", b"RIFF", 1.5),
]


def test_the_modes_take_turns_and_typed_questions_come_first() -> None:
    order = [(mode, question.kind, question.text) for mode, question in rounds(QUESTIONS, 2)]
    once = [
        ("v1", "typed", "One?"),
        ("v2", "typed", "One?"),
        ("v1", "typed", "Two?"),
        ("v2", "typed", "Two?"),
    ]
    assert order == once * 2 + [("v1", "spoken", "One?"), ("v2", "spoken", "One?")] * 2


def test_the_site_s_own_suggestions_are_asked_and_others_where_there_are_none() -> None:
    def texts(*suggestions: str) -> list[str]:
        return [question.text for question in typed({"welcome": {"suggestions": suggestions}})]

    assert texts("A?", "B?", "C?", "D?") == ["A?", "B?", "C?"]
    assert texts() == list(WITHOUT_SITE)


def info(job: Any, *, paid: bool) -> EngineInfo:
    return EngineInfo(job, "openai", "a-model", paid=paid, place="https://provider.example/v1")


def test_the_bill_names_every_paid_call_those_that_are_not_counted_too() -> None:
    calls = Calls.of(QUESTIONS, 2)
    assert calls == Calls(heard=5, heard_seconds=7.5, answered=14)
    assert bill([info(job, paid=False) for job in ("stt", "chat", "tts")], calls) == []
    lines = bill([info("stt", paid=True), info("chat", paid=True), info("tts", paid=False)], calls)
    assert [line.rpartition(": ")[2] for line in lines] == ["5 recordings, 8 seconds in all", "14 answers"]
    assert "openai (a-model) on https://provider.example/v1" in lines[0]
    assert len(bill(None, calls)) == 3 and len(bill(None, Calls.of(QUESTIONS[:2], 2))) == 2


async def test_the_embedded_voice_speaks_the_questions() -> None:
    [question] = await speak(["When are you open?"])
    assert question.kind == "spoken" and 0.5 < question.seconds < 4
    heard = duration_seconds(Recording(question.wav, "wav"), max_seconds=10)
    assert heard == pytest.approx(question.seconds, abs=0.01)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_a_bar_on_a_terminal_and_plain_lines_elsewhere() -> None:
    screen, file = Screen(), io.StringIO()
    for err in (screen, file):
        progress = Progress(err, 4)
        progress.begin("Your engines")
        progress.step()
        progress.note("v1: Busy.")
        progress.end()
    assert file.getvalue() == "Your engines\nv1: Busy.\n"
    assert f"{bar(1, 4)}  Your engines" in screen.getvalue() and screen.getvalue().endswith("\r\x1b[2K")
    assert bar(1, 4) == "█" * 6 + "░" * 18 + " 1 of 4"


# ── The files ─────────────────────────────────────────────────────────────────────────────────


def report(*asks: Ask, title: str = "Your engines") -> Report:
    return Report(
        "2026-01-01 12:00", {"Machine": "x"}, {"typed": ("When?",)}, 1, (), (Run(title, ("a",), asks),)
    )


def test_what_others_wrote_stands_in_the_page_as_text() -> None:
    evil = report(failed("v1", "<script>alert(1)</script>"), ask("v2", 1, 1), title="<b>&</b>")
    html = page(evil)
    assert "<script" not in html and "&lt;script&gt;" in html and "&lt;b&gt;&amp;&lt;/b&gt;" in html
    assert "1 of 1 failed in v1" in html and "1 failed, such as: <script>" in as_text(evil)


def test_the_file_for_programs_holds_every_ask_and_the_medians() -> None:
    content = json.loads(json.dumps(as_json(report(*USUAL))))
    [run] = content["runs"]
    assert run["kinds"]["typed"]["v2"]["times"]["first_text"]["median"] == 0.5
    assert [one["stages"]["whole_text"] for one in run["asks"]] == [3, 2]


# ── The command ───────────────────────────────────────────────────────────────────────────────

QUICK = {
    "VOICECHAT_STT_ENGINE": "scripted",
    "VOICECHAT_STT_MODEL": "fixed_ms=60",
    "VOICECHAT_CHAT_ENGINE": "scripted",
    "VOICECHAT_CHAT_MODEL": "first_ms=120 gap_ms=10 tokens=30",
    "VOICECHAT_TTS_ENGINE": "scripted",
    "VOICECHAT_TTS_MODEL": "first_ms=40 factor=0.02",
    "VOICECHAT_KNOWLEDGE_ON": "false",
}


async def start(folder: Path, *arguments: str, **streams: Any) -> asyncio.subprocess.Process:
    environment: dict[str, str] = streams.pop("environment", {})
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("VOICECHAT_", "OPENAI_"))}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "voicechat", "compare", *arguments),
        cwd=folder,
        env={**clean, **QUICK, **environment},
        **{"stdin": asyncio.subprocess.DEVNULL, "stdout": -1, "stderr": -1, **streams},
    )


async def compared(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run the command to its end; return its code, stdout and stderr."""
    process = await start(folder, *arguments, environment=environment)
    async with asyncio.timeout(120):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def one_page(folder: Path) -> dict[str, str]:
    """Write a site of one question; return the setting that names it."""
    (folder / "pages").mkdir()
    text = "# Hours\n\n## When are you open?\n\nWe are open from nine in the morning to six in the evening.\n"
    (folder / "pages" / "hours.md").write_text(text)
    return {"VOICECHAT_KNOWLEDGE_ON": "true", "VOICECHAT_KNOWLEDGE_FOLDER": str(folder / "pages")}


def half_a_second(folder: Path) -> str:
    file = folder / "question.wav"
    file.write_bytes(encoded(pcm("saturday.flac")[:16_000], 16_000, "wav").data)
    return str(file)


async def test_it_compares_the_users_engines_and_those_of_fixed_delays(tmp_path: Path) -> None:
    settings = one_page(tmp_path)
    # The environment overrules it for the first server; the second one must not see it.
    (tmp_path / ".env").write_text("VOICECHAT_CHAT_MODEL=first_ms=1\n")
    code, out, err = await compared(tmp_path, "--times", "2", "--audio", half_a_second(tmp_path), **settings)
    assert code == 0, err
    assert "Engines of fixed delays" in err and "\x1b" not in err
    for head in ("Your engines, typed", "Engines of fixed delays, spoken"):
        assert f"{head}: 2 answers in v1, 2 in v2" in out
    assert out.count("first sound") == 4 and "The page: compare/compare.html" in out
    content = json.loads((tmp_path / "compare" / "compare.json").read_text())
    assert content["questions"] == {"typed": ["When are you open?"], "spoken": ["question.wav"]}
    assert (
        "scripted (first_ms=120 gap_ms=10 tokens=30) answers, on this machine"
        in content["runs"][0]["engines"]
    )
    fixed = content["runs"][1]["kinds"]
    for kind, thinking in (("typed", 0.4), ("spoken", 0.7)):
        v1, v2 = fixed[kind]["v1"], fixed[kind]["v2"]
        assert thinking <= v2["times"]["first_text"]["median"] < v1["times"]["first_text"]["median"]
        assert v2["times"]["first_text"]["median"] < v2["times"]["whole_text"]["median"]
        assert v1["times"]["first_text"]["median"] >= v2["times"]["whole_text"]["median"]
        assert v2["times"]["first_sound"]["median"] < v2["times"]["whole_text"]["median"]
    assert fixed["spoken"]["v2"]["sizes"]["bytes_up"]["median"] > 16_000
    assert "Your engines, typed" in (tmp_path / "compare" / "compare.html").read_text()


async def test_a_server_that_runs_is_compared_and_those_of_its_own_are_not_started(tmp_path: Path) -> None:
    brain = Brain()
    async with serving(engines(brain=brain)) as server:
        arguments = ("--url", server.url, "--times", "1", "--audio", half_a_second(tmp_path), "--yes")
        code, out, err = await compared(tmp_path, *arguments, "--out", "here")
    assert code == 0 and f"The server at {server.url}, typed: 3 answers in v1, 3 in v2" in out
    assert "fixed delays" not in out and "not known what this costs" in err
    # Typed and spoken once each before it counts; each in a chat of its own.
    assert len(brain.prompts) == 8 + 2 and {len(prompt.history) for prompt in brain.prompts} == {1}
    assert (tmp_path / "here" / "compare.html").exists()


async def test_without_agreement_nothing_is_asked_of_a_paid_engine(tmp_path: Path) -> None:
    paid = {"OPENAI_BASE_URL": "http://127.0.0.2:9/v1", "OPENAI_API_KEY": "open-sesame"}
    settings = {"VOICECHAT_CHAT_ENGINE": "openai", "VOICECHAT_CHAT_MODEL": "a-model", **paid}
    code, out, err = await compared(
        tmp_path, "--audio", half_a_second(tmp_path), **settings, VOICECHAT_STT_ENGINE="none"
    )
    assert code == 1 and out == "" and "open-sesame" not in err
    assert "This may cost money." in err and "--yes" in err
    assert "openai (a-model) on http://127.0.0.2:9/v1, who answers: 31 answers" in err
    assert "this server does not hear" in err


@asynccontextmanager
async def in_terminal(folder: Path, *arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    master, slave = os.openpty()
    process = await start(
        folder,
        *arguments,
        **dict.fromkeys(("stdin", "stderr"), slave),
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0),
    )
    os.close(slave)
    try:
        yield process, master
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        os.close(master)


async def seen(master: int, words: str) -> str:
    """Return what the terminal shows up to *words*."""
    shown = ""
    async with asyncio.timeout(60):
        while words not in shown:
            shown += (await asyncio.to_thread(os.read, master, 65_536)).decode(errors="replace")
    return shown


@pytest.mark.parametrize(("typed_in", "code"), [("y\n", 0), ("\n", 1), ("\x03", 130)])
async def test_in_a_terminal_it_asks_whether_it_may_cost_money(
    tmp_path: Path, typed_in: str, code: int
) -> None:
    brain = Brain()
    async with serving(engines(brain=brain, deaf=True)) as server:
        async with in_terminal(tmp_path, "--url", server.url, "--times", "1") as (process, master):
            assert "who answers there: 7 answers" in await seen(master, "[y/N] ")
            os.write(master, typed_in.encode())
            reading = asyncio.create_task(seen(master, "3 of 6" if code == 0 else "oth"))
            assert process.stdout is not None
            async with asyncio.timeout(60):
                out = await process.stdout.read()
                assert await process.wait() == code
            await reading
    assert bool(out) == bool(brain.prompts) == (code == 0)


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
async def test_stopped_it_leaves_no_server_behind(tmp_path: Path, sent: signal.Signals) -> None:
    process = await start(tmp_path, "--audio", half_a_second(tmp_path))
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while b"Your engines" not in await process.stderr.readline():
            pass
        [child] = children_of(process.pid)
        process.send_signal(sent)  # to it alone: a terminal's Ctrl-C reaches the server too
        assert b"nothing was written" in await process.stderr.read()
        assert await process.wait() == 130
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


async def test_nobody_at_the_address_is_told_in_a_line(tmp_path: Path) -> None:
    code, out, err = await compared(tmp_path, "--url", "http://127.0.0.1:9", "--yes")
    assert (code, out) == (1, "") and "Nobody answers at http://127.0.0.1:9" in err
    assert "Traceback" not in err


async def test_a_server_of_one_mode_cannot_be_compared(tmp_path: Path) -> None:
    async with serving(mode="v2") as server:
        code, _, err = await compared(tmp_path, "--url", server.url, "--yes")
    assert code == 1 and "comparing needs both" in err and "Traceback" not in err


async def test_settings_with_which_no_server_starts_are_told_before(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[chat]\nmodel = "first_ms=soon"\n')
    code, _, err = await compared(tmp_path, "--config", "settings.toml", VOICECHAT_CHAT_MODEL="")
    assert code == 2 and "first_ms=soon" in err


async def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match=r"did not start: The settings file .*missing\.toml cannot be read"):
        async with own_server(tmp_path / "missing.toml"):
            pass


async def test_what_fails_again_and_again_is_given_up(tmp_path: Path) -> None:
    brain = Brain(ProviderFailed("The provider is\x1b[2J down."))
    async with serving(engines(brain=brain, deaf=True)) as server:
        code, out, err = await compared(tmp_path, "--url", server.url, "--yes")
    assert (code, out) == (1, "") and "3 questions failed one after the other" in err
    assert len(brain.prompts) == 1 + 3 and "\x1b" not in err


async def test_an_answer_that_is_not_spoken_counts_as_failed(tmp_path: Path) -> None:
    voice = Voice(error=(2, ProviderFailed("The voice is hoarse.")))
    async with serving(engines(voice=voice, deaf=True)) as server:
        code, _, err = await compared(tmp_path, "--url", server.url, "--yes")
    assert code == 1 and "hoarse" in err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--times", "0"), "--times"),
        (("--url", "nowhere"), "--url"),
        (("--url", "http://localhost:1", "--config", "x.toml"), "--config"),
        (("--audio", "missing.wav"), "--audio"),
        (("--out", "file/below"), "--out"),
    ],
)
async def test_an_option_that_makes_no_sense_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    (tmp_path / "file").write_text("")
    code, out, err = await compared(tmp_path, *arguments)
    assert code == 2 and out == "" and complaint in err and "Traceback" not in err
