"""`voicechat backup` and `voicechat export`: the chats of a server, taken out while it runs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import orjson

from . import store
from .config import load
from .errors import ConfigError
from .progress import Progress

NAMES = {"user": "Visitor", "assistant": "Assistant"}


def add_archive(commands: Any) -> None:
    """Add `backup` and `export` to *commands*, the subparsers of the command line."""
    command = commands.add_parser("backup", help="copy the file of chats while the server runs")
    command.add_argument("target", type=Path, metavar="FILE", help="the copy; it must not be there yet")
    _add_where(command)
    command.set_defaults(command=backup)
    command = commands.add_parser("export", help="write all chats as JSON or Markdown")
    command.add_argument("target", type=Path, metavar="FILE", nargs="?", help="unset: standard output")
    command.add_argument("--format", choices=tuple(FORMATS), default="json", help="json")
    _add_where(command)
    command.set_defaults(command=export)


def _add_where(command: Any) -> None:
    command.add_argument("--mode", choices=("v1", "v2", "both"), help="the server's, which names the file")
    command.add_argument("--config", type=Path, metavar="FILE", help="settings as TOML")


def _file(options: argparse.Namespace) -> Path:
    address = load(options.config, mode=options.mode).store_address
    if (file := store.file_of(address)) is None:
        raise ConfigError(
            f"store (VOICECHAT_STORE): {address!r} is in no file: there is nothing to take out."
        )
    return file


def backup(options: argparse.Namespace) -> int:
    """
    Copy the chats of the server that *options* name.

    Raises:
        ConfigError: If they are in no file, or the copy can't be written.
    """
    with _progress("Copying") as progress:
        store.backup(_file(options), options.target, progress.reach)
    sys.stdout.write(f"{options.target}: {options.target.stat().st_size:,} bytes\n")
    return 0


def export(options: argparse.Namespace) -> int:
    """
    Write the chats of the server that *options* name.

    Raises:
        ConfigError: If they are in no file, or what is written can't be.
    """
    with _progress("Writing") as progress:
        pieces = FORMATS[options.format](store.exported(_file(options), progress.reach))
        try:
            with _opened(options.target) as out:
                for piece in pieces:
                    out.write(piece)
        except BrokenPipeError:
            raise
        except OSError as exc:
            raise ConfigError(f"{options.target}: {exc.strerror}") from exc
    return 0


@contextmanager
def _opened(target: Path | None) -> Iterator[TextIO]:
    if target is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    # Nobody else is to read what visitors said.
    with open(target, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        yield file


@contextmanager
def _progress(doing: str) -> Iterator[Progress]:
    progress = Progress(sys.stderr)
    progress.begin(doing)
    try:
        yield progress
    finally:
        progress.end()


def _as_json(chats: Iterable[dict[str, Any]]) -> Iterator[str]:
    before = "[\n"
    for chat in chats:
        yield before + orjson.dumps(chat).decode()
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _as_markdown(chats: Iterable[dict[str, Any]]) -> Iterator[str]:
    for chat in chats:
        yield f"# {chat['chat']}\n\n"
        for message in chat["messages"]:
            when = datetime.fromtimestamp(message["at"], UTC).strftime("%Y-%m-%d %H:%M")
            status = "" if message["status"] == "complete" else f", {message['status']}"
            is_unheard = message["role"] == "user" and not message["text"]
            text = "(spoken, not heard)" if is_unheard else message["text"]
            yield f"**{NAMES[message['role']]}** ({when} UTC{status}): {text}\n\n"


FORMATS: dict[str, Callable[[Iterable[dict[str, Any]]], Iterator[str]]] = {
    "json": _as_json,
    "markdown": _as_markdown,
}
