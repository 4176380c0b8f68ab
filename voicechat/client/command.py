"""The command `voicechat talk`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from ..dialogue import EndFlag
from ..errors import BadRequest, ConfigError, VoiceChatError
from ..wire import parse_language
from .answering import Answer
from .devices import find_devices
from .errors import ClientError, NothingToSave
from .exchange import PATIENCE_SECONDS
from .interface import Client, Wishes
from .interrupts import Interrupts
from .saving import ENDINGS, save
from .server import DEFAULT_URL, best_mode, parse_url
from .spoken import Spoken, recorded
from .talking import Talk
from .terminal import Lines, Terminal
from .v1 import V1Client
from .v2 import V2Client

ANSWERED, FAILED = 0, 1


def add_talk(commands: Any) -> None:
    command = commands.add_parser(
        "talk",
        help="ask a running server, once or in a chat",
        description="Ask a running server one question, or chat in the terminal without --say and --audio.",
    )
    command.add_argument("--mode", choices=("v1", "v2"), help="v2 where the server has it, else v1")
    command.add_argument("--url", default=DEFAULT_URL, help=f"the server's address ({DEFAULT_URL})")
    question = command.add_mutually_exclusive_group()
    question.add_argument("--say", metavar="TEXT", help="ask this")
    question.add_argument("--audio", type=Path, metavar="FILE", help="ask with this recording")
    command.add_argument("--save", type=Path, metavar="FILE", help="the spoken answer, as .wav or .mp3")
    command.add_argument("--language", metavar="TAG", help="yours, such as en or de-CH")
    command.add_argument("--chat", metavar="ID", help="go on with this chat; its id is told at the end")
    command.add_argument(
        "--timings", action="store_true", help="tell when text and sound came; lets the answer be spoken"
    )
    command.add_argument(
        "--timeout",
        type=float,
        metavar="SECONDS",
        default=PATIENCE_SECONDS,
        help=f"how long nothing may come ({PATIENCE_SECONDS:g})",
    )
    command.set_defaults(command=talk)


def talk(options: argparse.Namespace) -> int:
    """
    Ask what *options* say; return the exit code: 0 answered, 1 failed.

    Raises:
        ConfigError: If an option makes no sense.
    """
    _check(options)
    spoken = _read(options.audio) if options.audio is not None else None
    for stream in (sys.stdout, sys.stderr):
        # What a terminal can't show must not end the answer.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    terminal = Terminal(sys.stdout, sys.stderr, prompts=sys.stdin.isatty())
    interrupts = Interrupts()
    is_chat = options.say is None and spoken is None
    work = _chat(options, terminal, interrupts) if is_chat else _ask(options, spoken, terminal, interrupts)
    try:
        # To leave a chat by Ctrl-C is no failure; to leave a question is.
        return asyncio.run(interrupts.run(_told(work, terminal), ANSWERED if is_chat else FAILED))
    except KeyboardInterrupt:  # where signals can't be handled, and before they are
        return FAILED


def _check(options: argparse.Namespace) -> None:
    try:
        options.url = parse_url(options.url)
    except ValueError as exc:
        raise ConfigError(f"--url: {exc}.") from exc
    if options.say is not None and not options.say.strip():
        raise ConfigError("--say: the question is empty.")
    try:
        parse_language(options.language)
    except BadRequest as exc:
        raise ConfigError(f"--language: {exc}") from exc
    if options.timeout <= 0:
        raise ConfigError("--timeout: wanted are more than 0 seconds.")
    if options.save is None:
        return
    if options.say is None and options.audio is None:
        raise ConfigError("--save: it belongs to --say or --audio.")
    if options.save.suffix.lower() not in ENDINGS:
        raise ConfigError(f"--save: {options.save} ends neither in {' nor in '.join(ENDINGS)}.")
    if not options.save.parent.is_dir():
        raise ConfigError(f"--save: there is no folder {options.save.parent}.")


def _read(path: Path) -> Spoken:
    try:
        return recorded(path.read_bytes())
    except OSError as exc:
        raise ConfigError(f"--audio: {path} can't be read: {exc.strerror}.") from exc
    except VoiceChatError as exc:
        raise ConfigError(f"--audio: {path}: {exc}") from exc


async def _told(work: Coroutine[Any, Any, int], terminal: Terminal) -> int:
    try:
        return await work
    except ClientError as exc:
        terminal.complain(str(exc))
        return FAILED


async def _ask(
    options: argparse.Namespace, spoken: Spoken | None, terminal: Terminal, interrupts: Interrupts
) -> int:
    wants_sound = options.save is not None or options.timings
    async with await _client(options, speech=wants_sound, plays=False) as client:
        talk = Talk(client, terminal, interrupts, options.url, options.timings)
        answer = await talk.answer(client.ask(options.say) if spoken is None else client.ask_spoken(spoken))
        terminal.note(f"Go on with: --chat {client.chat}")
        if options.save is not None:
            await _save(options.save, answer, client)
    return ANSWERED if answer.flags & EndFlag.COMPLETE else FAILED


async def _save(path: Path, answer: Answer, client: Client) -> None:
    if not answer.sounds:
        why = answer.fault.message if answer.fault else "the server does not speak."
        raise NothingToSave(f"{path} was not written, for there is no sound: {why}")
    try:
        await asyncio.to_thread(save, path, answer.sounds, client.sound_format)
    except OSError as exc:
        raise NothingToSave(f"{path} can't be written: {exc.strerror}.") from exc


async def _chat(options: argparse.Namespace, terminal: Terminal, interrupts: Interrupts) -> int:
    microphone, loudspeaker, missing = find_devices()
    speech = options.timings or loudspeaker is not None
    async with await _client(options, speech=speech, plays=loudspeaker is not None) as client:
        if terminal.prompts:
            terminal.note(f"Talking to {options.url} in mode {client.mode}. {missing}".rstrip())
            if microphone is not None:
                terminal.note("Enter on an empty line starts the microphone, and Enter ends the recording.")
            terminal.note("Ctrl-C stops an answer, Ctrl-D ends the chat.")
        talk = Talk(client, terminal, interrupts, options.url, options.timings, loudspeaker)
        try:
            is_answered = await talk.chat(Lines(encoding=sys.stdin.encoding), microphone)
        finally:
            terminal.note(f"Go on with: --chat {client.chat}")
    return ANSWERED if is_answered else FAILED


async def _client(options: argparse.Namespace, *, speech: bool, plays: bool) -> Client:
    wishes = Wishes(options.chat, options.language, speech, plays, options.timeout)
    mode = options.mode or await best_mode(options.url)
    return V1Client(options.url, wishes) if mode == "v1" else V2Client(options.url, wishes)
