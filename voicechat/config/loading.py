"""
One `Config`, read once.

Order, first wins: the command line, the environment (`VOICECHAT_PORT`, `VOICECHAT_CHAT_MODEL`),
`.env`, the TOML file (`port = 8080`, `[chat] model = "…"`), the default.
"""

from __future__ import annotations

import difflib
import logging
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from ..errors import ConfigError
from .jobs import MOST_ENGINES, Chat, Section, Stt, Tts
from .settings import Config

log = logging.getLogger("voicechat.config")

NEXT = "next"
"""The member of a job's settings that holds those of who takes over."""

JOBS = ("stt", "chat", "tts")

Settings = TypeVar("Settings", Stt, Chat, Tts)

Setting = tuple[tuple[str, ...], str, FieldInfo]
"""Its path in the TOML file, its name in the environment, its field."""


def settings() -> Iterator[Setting]:
    """Yield every setting; those of all engines that take over as one, whose name ends in `NEXT_*`."""
    for name, field in Config.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, Section):
            for inner, inner_field in section.model_fields.items():
                ending = "_*" if inner == NEXT else ""
                yield (name, inner), f"VOICECHAT_{name}_{inner}{ending}".upper(), inner_field
        else:
            prefix = "" if name.startswith("openai_") else "VOICECHAT_"
            yield (name,), f"{prefix}{name}".upper(), field


def _leaves() -> Iterator[Setting]:
    """Yield what can be set: every setting, and all of the engines that take over."""
    for path, name, field in settings():
        if path[-1] != NEXT:
            yield path, name, field
        for depth in range(1, MOST_ENGINES) if path[0] in JOBS and path[-1] != NEXT else ():
            before = ("VOICECHAT", path[0], *(NEXT,) * depth, path[-1])
            yield (path[0], *(NEXT,) * depth, path[-1]), "_".join(before).upper(), field


@dataclass(frozen=True, slots=True)
class Source:
    """Where a setting is set."""

    path: tuple[str, ...]
    name: str
    """In the environment."""
    places: tuple[str, ...]
    """The first one wins, the others are overruled."""


def load(
    file: Path | None = None, environment: Mapping[str, str] | None = None, **overrides: object
) -> Config:
    """
    Return the settings from *overrides*, *environment*, `.env`, *file* and the defaults.

    *environment* None: the process's own, and `.env` of the working folder. Overrides that are
    None count as not given.

    Raises:
        ConfigError: Names the setting, where it came from and what was wanted; never its value
            where that may be a secret.
    """
    environment, dotenv, content = _read(file, environment)
    _refuse_unknown(dotenv)
    _warn_of_unknown(environment)
    _add_environment(content, {**dotenv, **environment})
    content.update({name: value for name, value in overrides.items() if value is not None})
    try:
        return _inherit_provider(Config.model_validate(content))
    except ValidationError as exc:
        raise ConfigError("\n".join(map(_worded, exc.errors()))) from None


def inherited() -> dict[str, str]:
    """Return the environment of this process, for one that it starts."""
    return dict(os.environ)


def sources(
    file: Path | None = None, environment: Mapping[str, str] | None = None, **overrides: object
) -> list[Source]:
    """
    Return the settings that `load` does not leave to their defaults, and where each is set.

    Raises:
        ConfigError: If `.env` or *file* can't be read.
    """
    environment, dotenv, content = _read(file, environment)
    found = []
    for path, name, _ in _leaves():
        section: Any = reduce(lambda table, one: table.get(one) or {}, path[:-1], content)
        places = {
            "the command line": len(path) == 1 and overrides.get(path[0]) is not None,
            "the environment": bool(environment.get(name)),
            # What the environment sets to nothing, `.env` can't set either.
            ".env": bool(dotenv.get(name)) and environment.get(name) != "",
            str(file): path[-1] in section,
        }
        if where := tuple(place for place, is_there in places.items() if is_there):
            found.append(Source(path, name, where))
    return found


def _read(
    file: Path | None, environment: Mapping[str, str] | None
) -> tuple[Mapping[str, str], dict[str, str], dict[str, Any]]:
    """Return what the environment, `.env` and *file* say; see `load` for an environment that is given."""
    dotenv = _read_dotenv(Path(".env")) if environment is None else {}
    return os.environ if environment is None else environment, dotenv, _read_toml(file) if file else {}


def _read_dotenv(file: Path) -> dict[str, str]:
    try:
        return {name: value for name, value in dotenv_values(file).items() if value is not None}
    except (OSError, ValueError) as exc:
        raise ConfigError(f"The file {file} cannot be read, wanted is text in UTF-8: {exc}") from exc


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise ConfigError(f"The settings file {file} cannot be read: {exc}") from exc
    for section in {path[0] for path, _, _ in settings() if len(path) > 1}:
        if not isinstance(content.get(section, {}), dict):
            raise ConfigError(f"{section}: wanted a section with settings of its own, [{section}].")
    for job in JOBS:
        _look_at_next(content.get(job, {}), job, MOST_ENGINES)
    return content


def _look_at_next(section: dict[str, Any], name: str, left: int) -> None:
    """
    Raises:
        ConfigError: If what takes over is no section, or *left* engines are too few for all.
    """
    if left == 0:
        raise ConfigError(f"{name}: wanted are {MOST_ENGINES} engines of one job at most.")
    if NEXT in section:
        if not isinstance(section[NEXT], dict):
            raise ConfigError(f"{name}.{NEXT}: wanted a section with settings of its own, [{name}.{NEXT}].")
        _look_at_next(section[NEXT], f"{name}.{NEXT}", left - 1)


def _refuse_unknown(names: Iterable[str]) -> None:
    if unknown := _unknown(names):
        raise ConfigError(f".env: there is no such setting as {unknown}.")


def _warn_of_unknown(names: Iterable[str]) -> None:
    """Tell of names that are perhaps misspelt; Kubernetes, for one, sets names with our prefix of its own."""
    if unknown := _unknown(names):
        log.warning("The environment is left aside where there is no such setting: %s", unknown)


def _unknown(names: Iterable[str]) -> str:
    known = [name for _, name, _ in _leaves()]
    return ", ".join(
        f"{name} (is {near[0]} meant?)" if (near := difflib.get_close_matches(name, known, n=1)) else name
        for name in names
        if name.startswith("VOICECHAT_") and name not in known
    )


def _add_environment(content: dict[str, Any], environment: Mapping[str, str]) -> None:
    for path, name, _ in _leaves():
        if value := environment.get(name):
            _refuse_other_bytes(name, value)
            *sections, leaf = path
            target = content
            for section in sections:
                target = target.setdefault(section, {})
            target[leaf] = value


def _refuse_other_bytes(name: str, value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ConfigError(f"{name}: wanted is text in UTF-8.") from None


def _inherit_provider(config: Config) -> Config:
    """
    Give every job without an address of its own the common address and key.

    A job with its own address never gets the common key: it would be sent to another party.
    """
    common = {"base_url": config.openai_base_url, "key": config.openai_api_key}
    return config.model_copy(update={name: _inheriting(getattr(config, name), common) for name in JOBS})


def _inheriting(section: Settings, common: Mapping[str, Any]) -> Settings:
    update = {}
    if section.base_url is None:
        update = {name: value for name, value in common.items() if getattr(section, name) is None}
    if section.next is not None:
        # From the common ones too, and never from the engine before: that may be another party.
        update[NEXT] = _inheriting(section.next, common)
    return section.model_copy(update=update)


def _worded(error: Any) -> str:
    path = tuple(str(part) for part in error["loc"] if not isinstance(part, int))
    name = next((name for known, name, _ in _leaves() if known == path), None)
    where = ".".join(path) + (f" ({name})" if name else "")
    if error["type"] == "extra_forbidden":
        return f"{where}: there is no such setting."
    message = error["msg"].removeprefix("Value error, ")
    return f"{where}: {message[0].lower()}{message[1:]}."
