"""Which models there are by name, and what an index says that they are made of."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from .digests import Digest

Job = Literal["stt", "tts"]


class BadIndex(ValueError):
    """What a place says of its models makes no sense, or is not safe to follow."""


@dataclass(frozen=True, slots=True)
class Ears:
    repository: str
    parameters: int
    """Millions of them, as OpenAI's and distil-whisper's model cards say."""
    english_only: bool = False

    @property
    def some_bytes(self) -> int:
        """About what it takes: two bytes a parameter, as the conversions hold them (float16)."""
        return self.parameters * 2_000_000


EARS = {
    "tiny.en": Ears("Systran/faster-whisper-tiny.en", 39, english_only=True),
    "tiny": Ears("Systran/faster-whisper-tiny", 39),
    "base.en": Ears("Systran/faster-whisper-base.en", 74, english_only=True),
    "base": Ears("Systran/faster-whisper-base", 74),
    "small.en": Ears("Systran/faster-whisper-small.en", 244, english_only=True),
    "small": Ears("Systran/faster-whisper-small", 244),
    "medium.en": Ears("Systran/faster-whisper-medium.en", 769, english_only=True),
    "medium": Ears("Systran/faster-whisper-medium", 769),
    "large-v1": Ears("Systran/faster-whisper-large-v1", 1550),
    "large-v2": Ears("Systran/faster-whisper-large-v2", 1550),
    "large-v3": Ears("Systran/faster-whisper-large-v3", 1550),
    "large-v3-turbo": Ears("mobiuslabsgmbh/faster-whisper-large-v3-turbo", 809),
    "distil-small.en": Ears("Systran/faster-distil-whisper-small.en", 166, english_only=True),
    "distil-medium.en": Ears("Systran/faster-distil-whisper-medium.en", 394, english_only=True),
    "distil-large-v2": Ears("Systran/faster-distil-whisper-large-v2", 756, english_only=True),
    "distil-large-v3": Ears("Systran/faster-distil-whisper-large-v3", 756, english_only=True),
    "distil-large-v3.5": Ears("distil-whisper/distil-large-v3.5-ct2", 756, english_only=True),
}
"""The names that faster-whisper resolves, and where; a test compares them with its own table."""

ALIASES = {"large": "large-v3", "turbo": "large-v3-turbo"}
"""faster-whisper's second names: what is pulled under one is found under both."""

VOICES = "rhasspy/piper-voices"
VOICES_INDEX = "voices.json"
MODEL_CARD = "MODEL_CARD"
"""Where a voice has one, it tells whose it is and under which licence."""

_VOICE = re.compile(r"(?P<family>[a-z]{2,3})_(?P<region>[A-Z0-9]{2,3})-(?P<name>\w+)-(?P<quality>[a-z_]+)")
_REPOSITORY = re.compile(r"[A-Za-z0-9]\w*(?:[.-]\w+)*/[A-Za-z0-9]\w*(?:[.-]\w+)*", re.ASCII)
_FILE = re.compile(
    r"config\.json|preprocessor_config\.json|model\.bin|tokenizer\.json|vocabulary\.\w+", re.ASCII
)
"""What faster-whisper downloads of a repository, `vocabulary.*` being a .txt or a .json."""

_NEEDED = {"config.json", "model.bin"}


@dataclass(frozen=True, slots=True)
class WantedFile:
    name: str
    """In the model's folder."""
    path: str
    """In the repository."""
    size: int
    digest: Digest


@dataclass(frozen=True, slots=True)
class WantedModel:
    name: str
    job: Job
    repository: str
    revision: str
    """The commit that `files` describe, or `main` where the place does not tell it."""
    files: tuple[WantedFile, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def canonical(name: str) -> str:
    """Return the one name of what has several, and of what can be written in several ways."""
    return ALIASES.get(name, unicodedata.normalize("NFC", name))


def is_voice_name(name: str) -> bool:
    return _VOICE.fullmatch(name) is not None


def is_ears_name(name: str) -> bool:
    return name in EARS or name in ALIASES or is_repository(name)


def is_repository(name: str) -> bool:
    """Whether *name* is one of the hub's, as `Systran/faster-whisper-tiny`: one slash, and no `..`."""
    return _REPOSITORY.fullmatch(name) is not None


def job_of(name: str) -> Job | None:
    """Return what a model of that name would do; None: it is no model's name, and safe in no path."""
    if is_voice_name(name):
        return "tts"
    return "stt" if is_ears_name(name) else None


def known_near(name: str, names: Mapping[str, object] = EARS) -> str:
    """Return a question about what *name* may mean, or nothing."""
    near = difflib.get_close_matches(name, [*names, *ALIASES], n=1)
    return f" Is {near[0]} meant?" if near else ""


def ears_files(answer: Any) -> tuple[str, tuple[WantedFile, ...]]:
    """
    Return the commit and the files in what the hub's API says of a repository.

    Raises:
        BadIndex: If it holds no model for faster-whisper, or what it says makes no sense.
    """
    try:
        revision, siblings = answer["sha"], answer["siblings"]
        files = tuple(_ears_file(one) for one in siblings if _FILE.fullmatch(one["rfilename"]))
    except (KeyError, TypeError, ValueError) as exc:
        raise BadIndex(f"it describes its files in a way that is not known ({exc!r})") from exc
    if not re.fullmatch(r"[0-9a-f]{40}", str(revision)):
        raise BadIndex("it does not tell its commit")
    if missing := _NEEDED - {file.name for file in files}:
        raise BadIndex(f"it holds no model for faster-whisper: {', '.join(sorted(missing))} is missing")
    return revision, files


def _ears_file(one: Mapping[str, Any]) -> WantedFile:
    # Large files are told by their own hash, small ones by git's.
    lfs = one.get("lfs")
    digest = Digest("sha256", lfs["sha256"]) if lfs else Digest("git", one["blobId"])
    return WantedFile(one["rfilename"], one["rfilename"], _size((lfs or one)["size"]), digest)


def voice_files(index: Any, name: str) -> tuple[WantedFile, ...]:
    """
    Return the files of the voice *name* in *index*, the content of `voices.json`.

    Raises:
        KeyError: If there is no such voice.
        BadIndex: If what the index says of it makes no sense.
    """
    entries = {canonical(key): entry for key, entry in _entries(index).items()}
    entry, match = entries[name], _VOICE.fullmatch(name)
    assert match, "only what is named as a voice is looked for"
    family, region, voice, quality = match.groups()
    folder = f"{family}/{family}_{region}/{voice}/{quality}"
    needed = {f"{name}.onnx", f"{name}.onnx.json"}
    found = []
    try:
        for path, facts in entry["files"].items():
            # The names that files get here are ours, and no path of an index is believed.
            for file in (*needed, MODEL_CARD):
                if canonical(path) == f"{folder}/{file}":
                    digest = Digest("md5", facts["md5_digest"])
                    found.append(WantedFile(file, path, _size(facts["size_bytes"]), digest))
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise BadIndex(f"its index describes {name} in a way that is not known ({exc!r})") from exc
    if missing := needed - {file.name for file in found}:
        raise BadIndex(f"its index names no {' and no '.join(sorted(missing))} in {folder}")
    return tuple(found)


def voices(index: Any) -> dict[str, int]:
    """
    Return all voices in *index* by name, and the bytes of each; what is not understood is left out.

    Raises:
        BadIndex: If it is no index of voices.
    """
    found = {}
    for key, entry in sorted(_entries(index).items()):
        name = canonical(key)
        if is_voice_name(name):
            with suppress(BadIndex):
                found[name] = sum(file.size for file in voice_files({name: entry}, name))
    return found


def _entries(index: Any) -> dict[str, Any]:
    if not isinstance(index, dict):
        raise BadIndex("its index of voices is no object of JSON")
    return index


def _size(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no size")
    return value
