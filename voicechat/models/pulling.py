"""Models from a place into the folder, one after the other."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from .catalogue import WantedFile, WantedModel
from .digests import digest_of
from .fetching import Part, fetch
from .kept import PART, KeptFile, Manifest, folder_of, look, write_manifest, wrong_file
from .lock import locked
from .meter import Meter, size
from .place import Place, PullError

SPARE_BYTES = 64 << 20
"""What a pull leaves free on the disk: others write there too."""


def is_whole(models: Path, name: str) -> bool:
    """Whether the model *name* is there as it was pulled. Blocks: it is read through."""
    kept = look(folder_of(models, name), name)
    return kept is not None and kept.state == "whole" and not wrong_file(kept.folder)


def check_room(models: Path, wanted: list[WantedModel]) -> None:
    """
    Raises:
        PullError: If the disk has no room for what is still to come.
    """
    missing = sum(_missing(folder_of(models, model.name), model) for model in wanted)
    there = models
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    if missing + SPARE_BYTES > free:
        raise PullError(
            f"{size(missing)} are to come, and {models} has {size(free)} free. "
            "VOICECHAT_MODELS names another folder."
        )


def _missing(folder: Path, model: WantedModel) -> int:
    """Return the bytes that are not there, by the sizes alone."""
    return sum(file.size - _present(folder, file) for file in model.files)


def _present(folder: Path, file: WantedFile) -> int:
    target = folder / file.name
    if target.exists() and target.stat().st_size == file.size:
        return file.size
    return min(Part(folder, file).size, file.size)


async def pull(place: Place, models: Path, model: WantedModel, err: TextIO) -> None:
    """
    Bring *model* into its folder below *models*; what is there already and right is not fetched again.

    Raises:
        PullError: If it can't be had; what can be gone on with stays.
        OSError: If it can't be written.
    """
    folder = folder_of(models, model.name)
    folder.mkdir(parents=True, exist_ok=True)

    def waiting() -> None:
        err.write(f"{model.name}: another pull of it is running; waiting for that.\n")
        err.flush()

    async with locked(folder / ".lock", waiting):
        meter = Meter(err, model.name, model.size, model.size - _missing(folder, model))
        try:
            await _fetch_all(place, folder, model, meter)
            files = await asyncio.to_thread(_described, folder, model)
        finally:
            meter.end()
        source = f"{model.repository}@{model.revision}"
        write_manifest(folder, Manifest(model.name, model.job, source, files))
        for part in folder.glob(f"*{PART}*"):  # of what is there under another hash by now
            part.unlink(missing_ok=True)


async def _fetch_all(place: Place, folder: Path, model: WantedModel, meter: Meter) -> None:
    others = {file: _present(folder, file) for file in model.files}

    def reaching(file: WantedFile) -> Callable[[int], None]:
        def reach(done: int) -> None:
            others[file] = done
            meter.reach(sum(others.values()))

        return reach

    for file in model.files:
        reach = reaching(file)
        if await asyncio.to_thread(_is_here, folder / file.name, file):
            reach(file.size)
        else:
            await fetch(place, place.address(model, file.path), file, folder, reach, meter.note)


def _is_here(path: Path, file: WantedFile) -> bool:
    try:
        return path.stat().st_size == file.size and file.digest.fits(path)
    except FileNotFoundError:
        return False


def _described(folder: Path, model: WantedModel) -> tuple[KeptFile, ...]:
    """Return the files with one kind of hash, whichever the place uses. Blocks."""
    return tuple(
        KeptFile(file.name, file.size, digest_of(folder / file.name, "sha256").value) for file in model.files
    )
