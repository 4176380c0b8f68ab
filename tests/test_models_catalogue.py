"""Names of models, and what an index may say of them."""

from __future__ import annotations

import asyncio
import hashlib
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from voicechat.models.catalogue import (
    ALIASES,
    EARS,
    BadIndex,
    canonical,
    ears_files,
    job_of,
    voice_files,
    voices,
)
from voicechat.models.digests import Digest, digest_of
from voicechat.models.place import MOST_INDEX_BYTES, Patience, PullError, UnknownModel, place_at

from .hub import COMMIT, Behaviour, hub

THORSTEN = "de_DE-thorsten-medium"
EARS_FILES = {
    "config.json": b"{}",
    "model.bin": bytes(200_000),
    "vocabulary.txt": b"a",
    "tokenizer.json": b"{}",
}
VOICE_FILES = {".onnx": bytes(200_000), ".onnx.json": b"{}"}
HASTE = Patience(first_pause_seconds=0)


def test_the_names_are_those_that_faster_whisper_resolves() -> None:
    from faster_whisper.utils import _MODELS

    ours = {name: ears.repository for name, ears in EARS.items()}
    assert ours | {alias: ours[name] for alias, name in ALIASES.items()} == _MODELS


@pytest.mark.parametrize(
    ("name", "job"),
    [
        ("base.en", "stt"),
        ("turbo", "stt"),
        ("distil-whisper/distil-large-v3.5-ct2", "stt"),
        (THORSTEN, "tts"),
        ("en_US-libritts_r-medium", "tts"),
        ("es_419-x-x_low", "tts"),
        ("pt_PT-tugão-medium", "tts"),
        ("base.eng", None),
        ("", None),
        ("..", None),
        ("../../etc", None),
        ("a/../b", None),
        ("a/b/c", None),
        ("/etc/passwd", None),
        ("a/.b", None),
        ("a\\b", None),
        ("a/b\n", None),
        ("de_DE-../x-medium", None),
        ("de_DE-thorsten-medium\n", None),
        ("de_DE-thor.sten-medium", None),
    ],
)
def test_a_name_says_what_it_is_or_is_none(name: str, job: str | None) -> None:
    assert job_of(canonical(name)) == job


def test_a_name_has_one_way_to_be_written() -> None:
    assert canonical("turbo") == "large-v3-turbo"
    assert canonical("pt_PT-tuga\u0303o-medium") == "pt_PT-tug\u00e3o-medium"


def test_each_kind_of_digest_is_the_one_of_its_tool(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"hello\n")
    # `printf 'hello\\n' | git hash-object --stdin`
    assert digest_of(file, "git").value == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert digest_of(file, "sha256").value == hashlib.sha256(b"hello\n").hexdigest()
    assert digest_of(file, "md5").value == hashlib.md5(b"hello\n").hexdigest()
    assert not Digest("md5", "0" * 32).fits(file)


@pytest.mark.parametrize("value", ["", "../../x", "A" * 64, "0" * 63, None])
def test_what_is_no_digest_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="is no sha256"):
        Digest("sha256", value)


async def test_ears_are_described_by_the_commit_and_the_hashes_of_what_they_need() -> None:
    async with hub() as stand_in, place_at(stand_in.url, HASTE) as place:
        stand_in.add_ears("Systran/faster-whisper-base.en", EARS_FILES)
        wanted = await place.wanted("base.en")
        assert (wanted.job, wanted.revision, wanted.size) == ("stt", COMMIT, 200_005)
        assert {file.name: file.digest.kind for file in wanted.files} == {
            "config.json": "git",
            "model.bin": "sha256",
            "vocabulary.txt": "git",
            "tokenizer.json": "git",
        }
        url = place.address(wanted, "model.bin")
        assert str(url) == f"{stand_in.url}/Systran/faster-whisper-base.en/resolve/{COMMIT}/model.bin"


async def test_the_stand_in_is_understood_by_the_hubs_own_client(tmp_path: Path) -> None:
    from huggingface_hub import HfApi, hf_hub_download

    async with hub() as stand_in, place_at(stand_in.url, HASTE) as place:
        stand_in.add_ears("Systran/faster-whisper-base.en", EARS_FILES)
        wanted = await place.wanted("base.en")
        api = HfApi(endpoint=stand_in.url, token=False)
        asked = partial(api.model_info, wanted.repository, revision="main", files_metadata=True)
        info = await asyncio.to_thread(asked)
        theirs = {
            one.rfilename: (one.lfs.size, one.lfs.sha256) if one.lfs else (one.size, one.blob_id)
            for one in info.siblings or []
        }
        ours = {file.path: (file.size, file.digest.value) for file in wanted.files}
        assert info.sha == wanted.revision and ours.items() <= theirs.items()
        for file in wanted.files:
            path = await asyncio.to_thread(
                hf_hub_download,
                *(wanted.repository, file.path),
                revision=wanted.revision,
                local_dir=tmp_path,
                endpoint=stand_in.url,
                token=False,
            )
            assert file.digest.fits(Path(path))


async def test_a_voice_is_described_by_the_index_and_its_commit() -> None:
    async with hub() as stand_in, place_at(stand_in.url, HASTE) as place:
        stand_in.add_voice(THORSTEN, VOICE_FILES | {"MODEL_CARD": b"CC0", "samples/a.mp3": b"a"})
        stand_in.add_voice("pt_PT-tuga\u0303o-medium", VOICE_FILES)
        wanted = await place.wanted(THORSTEN)
        assert (wanted.job, wanted.revision, wanted.size) == ("tts", COMMIT, 200_005)
        assert [file.name for file in wanted.files] == [
            f"{THORSTEN}.onnx",
            f"{THORSTEN}.onnx.json",
            "MODEL_CARD",
        ]
        path = f"de/de_DE/thorsten/medium/{THORSTEN}.onnx"
        assert place.address(wanted, wanted.files[0].path).path.endswith(f"/resolve/{COMMIT}/{path}")
        other = await place.wanted("pt_PT-tug\u00e3o-medium")
        assert other.files[0].name == "pt_PT-tug\u00e3o-medium.onnx"
        assert len(stand_in.asked) == 1


async def test_a_voice_that_there_is_not_is_told_with_one_that_there_is() -> None:
    async with hub() as stand_in, place_at(stand_in.url, HASTE) as place:
        stand_in.add_voice(THORSTEN, VOICE_FILES)
        with pytest.raises(UnknownModel, match=f"no voice de_DE-thorstn-medium. Is {THORSTEN} meant"):
            await place.wanted("de_DE-thorstn-medium")


async def test_a_repository_that_there_is_not_is_told() -> None:
    async with hub() as stand_in, place_at(stand_in.url, HASTE) as place:
        with pytest.raises(PullError, match="or has no such model"):
            await place.wanted("nobody/nothing")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"<html>", "something else than JSON"),
        ([], "a way that is not known"),
        ({"sha": COMMIT}, "a way that is not known"),
        ({"sha": "main", "siblings": []}, "does not tell its commit"),
        ({"sha": COMMIT, "siblings": []}, "config.json, model.bin is missing"),
        ({"sha": COMMIT, "siblings": [{"rfilename": "model.bin", "size": -1, "blobId": "a" * 40}]}, "size"),
        ({"sha": COMMIT, "siblings": [{"rfilename": "model.bin", "size": 1, "blobId": "../x"}]}, "no git"),
        ({"sha": COMMIT, "siblings": [{"rfilename": "model.bin", "size": True, "blobId": "a" * 40}]}, "size"),
    ],
)
async def test_an_answer_that_makes_no_sense_is_told(answer: Any, words: str) -> None:
    async with hub() as stand_in, place_at(stand_in.url, HASTE) as place:
        stand_in.add_ears("Systran/faster-whisper-base", EARS_FILES)
        stand_in.answers["Systran/faster-whisper-base"] = answer
        with pytest.raises(PullError, match=words):
            await place.wanted("base")


async def test_an_index_is_not_read_for_ever() -> None:
    async with hub() as stand_in, place_at(stand_in.url, HASTE) as place:
        stand_in.add_voice(THORSTEN, VOICE_FILES)
        stand_in.behaviours.append(Behaviour(body=bytes(MOST_INDEX_BYTES + 1_000_000)))
        with pytest.raises(PullError, match="for an index"):
            await place.voices()


async def test_a_place_that_is_busy_with_its_index_is_asked_a_few_times() -> None:
    async with hub() as stand_in, place_at(stand_in.url, HASTE) as place:
        stand_in.add_voice(THORSTEN, VOICE_FILES)
        stand_in.behaviours.extend([Behaviour(status=503)] * 2)
        assert THORSTEN in (await place.voices())[0]
    async with hub() as stand_in, place_at(stand_in.url, HASTE) as place:
        stand_in.add_voice(THORSTEN, VOICE_FILES)
        stand_in.behaviours.extend([Behaviour(status=503)] * 9)
        with pytest.raises(PullError, match="answers 503"):
            await place.voices()
        assert len(stand_in.asked) == HASTE.index_tries


def test_files_of_a_repository_that_are_not_needed_are_left_out() -> None:
    names = [
        "config.json",
        "model.bin",
        "../model.bin",
        "x/model.bin",
        ".git/config.json",
        "setup.py",
        "vocabulary./x",
    ]
    siblings = [{"rfilename": name, "size": 1, "blobId": "a" * 40} for name in names]
    _, files = ears_files({"sha": COMMIT, "siblings": siblings})
    assert [file.name for file in files] == ["config.json", "model.bin"]


FACTS = {"size_bytes": 1, "md5_digest": "a" * 32}
FOLDER = "de/de_DE/thorsten/medium"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({f"../../{THORSTEN}.onnx": FACTS, f"../../{THORSTEN}.onnx.json": FACTS}, "names no"),
        ({f"/etc/{THORSTEN}.onnx": FACTS}, "names no"),
        ({f"{FOLDER}/{THORSTEN}.onnx": FACTS}, "names no"),
        ({f"{FOLDER}/{THORSTEN}.onnx": {"size_bytes": 1, "md5_digest": "../x"}}, "is no md5"),
        ({f"{FOLDER}/{THORSTEN}.onnx": {"size_bytes": "1", "md5_digest": "a" * 32}}, "is no size"),
        ([], "a way that is not known"),
        (None, "a way that is not known"),
    ],
)
def test_no_path_of_an_index_is_believed(files: Any, words: str) -> None:
    with pytest.raises(BadIndex, match=words):
        voice_files({THORSTEN: {"files": files}}, THORSTEN)


def test_what_is_no_voice_is_not_listed() -> None:
    good = {
        "language": {"code": "de_DE", "name_english": "German"},
        "files": {f"{FOLDER}/{THORSTEN}.onnx": FACTS, f"{FOLDER}/{THORSTEN}.onnx.json": FACTS},
    }
    index = {
        THORSTEN: good,
        "../x": good,
        "de_DE-karlsson-low": good,
        "de_DE-eva_k-x_low": {},
        "en_US-x-low": 7,
    }
    assert voices(index) == {THORSTEN: 2}
    with pytest.raises(BadIndex):
        voices([])
