"""`voicechat models`, as people and programs run it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .hub import Behaviour, Hub, hub
from .processes import voicechat

THORSTEN = "de_DE-thorsten-medium"
EARS_FILES = {"config.json": b"{}", "model.bin": os.urandom(3_000_000)}
VOICE_FILES = {".onnx": os.urandom(200_000), ".onnx.json": b"{}"}
NOWHERE = "http://127.0.0.1:9"


@dataclass
class Shell:
    folder: Path
    hub: Hub

    @property
    def models(self) -> Path:
        return self.folder / "models"

    async def start(self, *arguments: str, **environment: str) -> asyncio.subprocess.Process:
        return await voicechat(
            "models",
            *arguments,
            folder=self.folder,
            **{"VOICECHAT_MODELS": str(self.models), "VOICECHAT_MODELS_URL": self.hub.url, **environment},
        )

    async def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Return the exit code and all that was written."""
        process = await self.start(*arguments, **environment)
        async with asyncio.timeout(30):
            out, _ = await process.communicate()
        text = out.decode()
        assert "Traceback" not in text
        assert process.returncode is not None
        return process.returncode, text


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    async with hub() as stand_in:
        stand_in.add_ears("Systran/faster-whisper-base.en", EARS_FILES)
        stand_in.add_voice(THORSTEN, VOICE_FILES)
        stand_in.add_voice("en_GB-alan-low", VOICE_FILES)
        yield Shell(tmp_path, stand_in)


async def test_a_list_without_a_network_tells_what_is_here_and_the_sizes_of_whisper(shell: Shell) -> None:
    code, text = await shell.run("list", VOICECHAT_MODELS_URL=NOWHERE)
    assert code == 0 and shell.hub.asked == []
    here, _, there = text.partition("\n\n")
    assert "tiny.en" in here and "en_US-joe-medium" in here and "75.5 MB  came with voicechat" in here
    assert "base.en" in there and "some 148 MB" in there and "tiny.en " not in there
    assert "`--language de` asks" in there and not shell.models.exists()


async def test_a_list_of_a_language_asks_for_its_voices(shell: Shell) -> None:
    code, text = await shell.run("list", "--language", "de")
    assert code == 0 and f"{THORSTEN}  " in text and "200.0 kB" in text
    there = text.partition("\n\n")[2]
    assert "alan" not in there and "base.en" not in there and " base " in there
    _, text = await shell.run("list", "--all")
    assert THORSTEN in text and "en_GB-alan-low" in text and "base.en" in text


async def test_a_list_for_programs_is_json(shell: Shell) -> None:
    await shell.run("pull", THORSTEN)
    code, text = await shell.run("list", "--all", "--json")
    content = json.loads(text)
    assert code == 0 and content["folder"] == str(shell.models)
    here = {one["name"]: (one["job"], one["state"], one["language"]) for one in content["here"]}
    assert here[THORSTEN] == ("tts", "whole", "de_DE") and here["tiny.en"] == ("stt", "bundled", "en")
    there = {one["name"] for one in content["available"]}
    assert {"base.en", "en_GB-alan-low"} <= there and not there & here.keys()


async def test_a_list_of_voices_without_a_network_fails_in_a_sentence(shell: Shell) -> None:
    code, text = await shell.run("list", "--all", VOICECHAT_MODELS_URL=NOWHERE)
    assert code == 1
    [line] = text.splitlines()
    assert line.startswith("voicechat: 127.0.0.1 can't be reached (")


async def test_a_pull_is_told_in_lines_and_a_second_one_asks_nobody(shell: Shell) -> None:
    code, text = await shell.run("pull", "base.en", THORSTEN)
    assert code == 0
    assert text.splitlines() == [
        "base.en: 3.0 MB",
        "base.en is here and whole.",
        f"{THORSTEN}: 200.0 kB",
        f"{THORSTEN} is here and whole.",
    ]
    code, text = await shell.run("pull", "base.en", THORSTEN, "tiny.en", VOICECHAT_MODELS_URL=NOWHERE)
    assert code == 0
    assert text.splitlines() == [
        "base.en is here and whole.",
        f"{THORSTEN} is here and whole.",
        "tiny.en came with voicechat; there is nothing to pull.",
    ]


async def test_a_mirror_may_be_named_on_the_command_line(shell: Shell) -> None:
    code, _ = await shell.run("pull", THORSTEN, "--url", shell.hub.url, VOICECHAT_MODELS_URL=NOWHERE)
    assert code == 0


async def test_what_is_no_address_is_said(shell: Shell) -> None:
    for url in ("https://x:99999", "https://a..b", "https://[::x]"):
        code, text = await shell.run("list", "--all", VOICECHAT_MODELS_URL=url)
        assert code in (1, 2) and len(text.splitlines()) == 1, text


async def test_two_pulls_at_once_both_end_well_and_fetch_it_once(shell: Shell) -> None:
    ended = await asyncio.gather(shell.run("pull", "base.en"), shell.run("pull", "base.en"))
    assert [code for code, _ in ended] == [0, 0]
    assert sum(path.endswith("model.bin") for path, _ in shell.hub.asked) == 1


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
async def test_a_pull_that_is_stopped_goes_on_the_next_time(shell: Shell, end: signal.Signals) -> None:
    shell.hub.behaviours.extend([Behaviour(), Behaviour(cut_after=2_000_000, once=asyncio.Event())])
    process = await shell.start("pull", "base.en")
    part = shell.models / "base.en"
    async with asyncio.timeout(20):
        while not any(path.stat().st_size == 2_000_000 for path in part.glob("*.part")):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    process.send_signal(end)
    out, _ = await process.communicate()
    if end is signal.SIGINT:
        assert process.returncode == 130 and "goes on where it was" in out.decode()
        assert "Traceback" not in out.decode()
    _, text = await shell.run("list")
    assert "unfinished" in text and "voicechat models pull base.en" in text
    code, text = await shell.run("pull", "base.en")
    assert code == 0 and "base.en: 3.0 MB, 2.0 MB of it are here" in text
    assert shell.hub.ranges[-1] == "bytes=2000000-"


async def test_one_that_can_not_be_had_does_not_keep_the_others_away(shell: Shell) -> None:
    shell.hub.repositories["Systran/faster-whisper-base.en"]["model.bin"] = bytes(3_000_000)
    shell.hub.answers["Systran/faster-whisper-base.en"] = {
        **shell.hub.described("Systran/faster-whisper-base.en"),
    }
    shell.hub.repositories["Systran/faster-whisper-base.en"]["model.bin"] = EARS_FILES["model.bin"]
    code, text = await shell.run("pull", "base.en", THORSTEN)
    assert code == 1
    assert "voicechat: base.en: 127.0.0.1 sends a model.bin that has another hash" in text
    assert f"{THORSTEN} is here and whole." in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pull", "bas.en"], "'bas.en' is no model's name. Is base.en meant?"),
        (["pull", "../x"], "'../x' is no model's name."),
        (["pull", "de_DE-thorstn-medium"], f"no voice de_DE-thorstn-medium. Is {THORSTEN} meant?"),
        (["pull", "base.en", "--url", "ftp://x"], "models_url (VOICECHAT_MODELS_URL)"),
        (["check", "base.en"], "'base.en' is not in "),
        (["pull"], "the following arguments are required: NAME"),
        ([], "the following arguments are required: ACTION"),
    ],
)
async def test_what_makes_no_sense_is_said(shell: Shell, arguments: list[str], words: str) -> None:
    code, text = await shell.run(*arguments)
    assert code == 2 and words in text and not shell.models.exists()


async def test_a_folder_that_can_not_be_written_is_said(shell: Shell) -> None:
    shell.models.write_text("no folder")
    code, text = await shell.run("pull", THORSTEN)
    assert code in (1, 2) and str(shell.models) in text


async def test_a_check_reads_all_and_tells_what_is_broken_and_how_to_mend_it(shell: Shell) -> None:
    await shell.run("pull", "base.en", THORSTEN)
    code, text = await shell.run("check", VOICECHAT_MODELS_URL=NOWHERE)
    assert code == 0 and text.splitlines() == [
        "tiny.en is whole.",
        "en_US-joe-medium is whole.",
        "base.en is whole.",
        f"{THORSTEN} is whole.",
    ]
    file = shell.models / THORSTEN / f"{THORSTEN}.onnx"
    file.write_bytes(file.read_bytes()[::-1])
    code, text = await shell.run("check")
    assert code == 1 and text.splitlines()[-1] == (
        f"{THORSTEN} is not whole: {THORSTEN}.onnx is not the file that was pulled. "
        f"To mend it: voicechat models pull {THORSTEN}"
    )
    code, text = await shell.run("check", "base.en", "--json")
    assert (code, json.loads(text)) == (0, [{"name": "base.en", "fault": "", "mend": ""}])
    code, text = await shell.run("check", "--json")
    assert code == 1 and json.loads(text)[-1]["mend"] == f"voicechat models pull {THORSTEN}"
    await shell.run("pull", THORSTEN)
    assert (await shell.run("check"))[0] == 0
