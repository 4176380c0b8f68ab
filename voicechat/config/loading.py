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
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from ..errors import ConfigError
from .jobs import Section
from .settings import Config

log = logging.getLogger("voicechat.config")


def settings() -> Iterator[tuple[tuple[str, ...], str, FieldInfo]]:
    """Yield every setting: its path in the TOML file, its name in the environment, its field."""
    for name, field in Config.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, Section):
            for inner, inner_field in section.model_fields.items():
                yield (name, inner), f"VOICECHAT_{name}_{inner}".upper(), inner_field
        else:
            prefix = "" if name.startswith("openai_") else "VOICECHAT_"
            yield (name,), f"{prefix}{name}".upper(), field


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
    for path, name, _ in settings():
        section: Any = content.get(path[0]) if len(path) > 1 else content
        places = {
            "the command line": len(path) == 1 and overrides.get(path[0]) is not None,
            "the environment": bool(environment.get(name)),
            # What the environment sets to nothing, `.env` can't set either.
            ".env": bool(dotenv.get(name)) and environment.get(name) != "",
            str(file): path[-1] in (section or {}),
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
    return content


def _refuse_unknown(names: Iterable[str]) -> None:
    if unknown := _unknown(names):
        raise ConfigError(f".env: there is no such setting as {unknown}.")


def _warn_of_unknown(names: Iterable[str]) -> None:
    """Tell of names that are perhaps misspelt; Kubernetes, for one, sets names with our prefix of its own."""
    if unknown := _unknown(names):
        log.warning("The environment is left aside where there is no such setting: %s", unknown)


def _unknown(names: Iterable[str]) -> str:
    known = [name for _, name, _ in settings()]
    return ", ".join(
        f"{name} (is {near[0]} meant?)" if (near := difflib.get_close_matches(name, known, n=1)) else name
        for name in names
        if name.startswith("VOICECHAT_") and name not in known
    )


def _add_environment(content: dict[str, Any], environment: Mapping[str, str]) -> None:
    for path, name, _ in settings():
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
    jobs = {
        name: section.model_copy(update={k: v for k, v in common.items() if getattr(section, k) is None})
        for name in ("stt", "chat", "tts")
        if (section := getattr(config, name)).base_url is None
    }
    return config.model_copy(update=jobs)


def _worded(error: Any) -> str:
    path = tuple(str(part) for part in error["loc"] if not isinstance(part, int))
    name = next((name for known, name, _ in settings() if known == path), None)
    where = ".".join(path) + (f" ({name})" if name else "")
    if error["type"] == "extra_forbidden":
        return f"{where}: there is no such setting."
    message = error["msg"].removeprefix("Value error, ")
    return f"{where}: {message[0].lower()}{message[1:]}."
