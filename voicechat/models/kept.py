"""The models that were pulled: a folder each, and in it a manifest that tells what they should be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

from ..errors import ConfigError
from .catalogue import Job, canonical, job_of
from .digests import Digest
from .weights import BUNDLED

MANIFEST = "manifest.json"
PART = ".part"
"""How files end that have not come whole."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Written last: a folder without it holds an unfinished model."""

    name: str
    job: Job
    source: str
    """The repository and its commit."""
    files: tuple[KeptFile, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


State = Literal["whole", "unfinished", "broken"]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a look at a model's folder finds, without reading its files through."""

    name: str
    job: Job
    folder: Path
    state: State
    size: int
    """Bytes that are here."""
    fault: str = ""

    @property
    def mend(self) -> str:
        return f"voicechat models pull {self.name}"


def folder_of(models: Path, name: str) -> Path:
    """
    Return where the model *name* is, or would be.

    Raises:
        ValueError: If *name* is no model's; no other may become a path.
    """
    if job_of(name) is None:
        raise ValueError(f"{name!r} is no model's name")
    return models / name.replace("/", "--")


def find(models: Path | None, name: str, job: Job) -> Path | None:
    """
    Return what the engine loads of the model *name*: a folder for the ears, a voice's `.onnx`; None: it is
    not here. Blocks until it was read through and compared with its hashes: 0.15 s for 100 MB.

    Raises:
        ConfigError: If it is not whole; the text names the mend.
    """
    name = canonical(name)
    if job_of(name) != job:
        return None
    kept = None if models is None else look(folder_of(models, name), name)
    if kept is None:
        weights = BUNDLED.get(name)
        path = None if weights is None else weights.checked()
        return path.parent if path is not None and job == "stt" else path
    if fault := kept.fault or wrong_file(kept.folder):
        raise ConfigError(f"The model {name} in {kept.folder} is not whole: {fault}. To mend it: {kept.mend}")
    return kept.folder if job == "stt" else kept.folder / f"{name}.onnx"


def all_kept(models: Path) -> Iterator[Kept]:
    """
    Yield the models in the folder *models*, by name.

    Raises:
        ConfigError: If that folder can't be read.
    """
    try:
        folders = sorted(path for path in models.iterdir() if path.is_dir())
    except FileNotFoundError:
        return
    except OSError as exc:
        raise ConfigError(f"models (VOICECHAT_MODELS): {models} can't be read: {exc.strerror}.") from exc
    for folder in folders:
        name = canonical(folder.name.replace("--", "/", 1))
        if job_of(name) is not None and (kept := look(folder, name)):
            yield kept


def look(folder: Path, name: str) -> Kept | None:
    """Return what is in *folder*, the one of the model *name*; None: nothing of it."""
    job = job_of(name)
    assert job, "only models have folders"
    try:
        here = {path.name: path.stat().st_size for path in folder.iterdir()}
    except OSError:
        return None
    size = sum(size for file, size in here.items() if file != MANIFEST and not file.startswith("."))
    if MANIFEST not in here:
        if not any(file.endswith(PART) or size for file, size in here.items()):
            return None
        return Kept(name, job, folder, "unfinished", size, "it has not come to its end")
    try:
        manifest = read_manifest(folder)
    except (OSError, ValueError, TypeError, KeyError):
        return Kept(name, job, folder, "broken", size, f"its {MANIFEST} can't be read")
    for file in manifest.files:
        if here.get(file.name) != file.size:
            fault = "is missing" if file.name not in here else f"has not its {file.size:,} bytes"
            return Kept(name, job, folder, "broken", size, f"{file.name} {fault}")
    return Kept(name, job, folder, "whole", manifest.size)


def wrong_file(folder: Path) -> str:
    """Return what is wrong with the files of a model, which are read through; else nothing. Blocks."""
    try:
        for file in read_manifest(folder).files:
            if not Digest("sha256", file.sha256).fits(folder / file.name):
                return f"{file.name} is not the file that was pulled"
    except (OSError, ValueError, TypeError, KeyError) as exc:
        return f"it can't be read ({exc})"
    return ""


def read_manifest(folder: Path) -> Manifest:
    """
    Raises:
        OSError: If there is none, or it can't be read.
        ValueError, TypeError, KeyError: If it is none.
    """
    content: Any = orjson.loads((folder / MANIFEST).read_bytes())
    files = tuple(KeptFile(one["name"], int(one["size"]), one["sha256"]) for one in content["files"])
    if any(Path(file.name).name != file.name for file in files) or not files:
        raise ValueError("it names files of other folders, or none")
    return Manifest(content["name"], content["job"], content["source"], files)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """
    Raises:
        OSError: If it can't be written.
    """
    unfinished = folder / f".{MANIFEST}.{os.getpid()}"
    unfinished.write_bytes(orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2))
    unfinished.replace(folder / MANIFEST)
