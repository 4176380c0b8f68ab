"""What is set, where it comes from, and what is wrong with it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from ..config import Config, Source, load, sources
from ..errors import ConfigError
from ..guard import OriginRule
from .finding import Finding

_ADDRESS = re.compile(r"[a-z]+://\S+$", re.IGNORECASE)

LONGEST_VALUE = 60
"""Characters of a value that are shown."""


def read_settings(file: Path | None, overrides: Mapping[str, Any]) -> tuple[Config | None, list[Finding]]:
    """Return the settings, None where they can't be used, and what there is to say of them."""
    with noted("voicechat.config") as warnings:
        try:
            config = load(file, **overrides)
            where = sources(file, **overrides)
            OriginRule(config.origins)
        except ConfigError as exc:
            return None, [
                Finding("settings", "problem", line, "Correct it: the server does not start with it.")
                for line in str(exc).splitlines()
            ]
    found = [Finding("settings", "ok", line) for line in _set(config, where)]
    if not found:
        found.append(Finding("settings", "ok", "Everything has its default."))
    mend = "Correct the name, or leave it if another program set it."
    return config, found + [Finding("settings", "warning", text, mend) for text in warnings]


def _set(config: Config, where: list[Source]) -> Iterator[str]:
    for source in where:
        first, *others = source.places
        overruled = f"; it overrules {' and '.join(others)}" if others else ""
        yield f"{source.name} = {shown(_value(config, source.path))} (from {first}{overruled})"


def _value(config: Config, path: tuple[str, ...]) -> Any:
    return reduce(getattr, path, config)


def shown(value: object) -> str:
    """Return *value* as it may be read by anybody: short, and without key or password."""
    if isinstance(value, SecretStr):
        return "(secret, not shown)"
    if isinstance(value, tuple):
        return ", ".join(map(shown, value))
    if isinstance(value, bool):
        return str(value).lower()
    text = f"{value:.15g}" if isinstance(value, float) else " ".join(str(value).split())
    if _ADDRESS.match(text):
        text = without_password(text)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def without_password(url: str) -> str:
    """Leave out the name and the password that may stand in an address, and what follows a `?`."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(no address)"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class _Notes(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


@contextmanager
def noted(logger: str) -> Iterator[list[str]]:
    """Yield the list of what *logger* warns of in place of a log."""
    notes, target = _Notes(), logging.getLogger(logger)
    target.addHandler(notes)
    propagates, target.propagate = target.propagate, False
    try:
        yield notes.texts
    finally:
        target.propagate = propagates
        target.removeHandler(notes)
