"""The command `voicechat compare`."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from ..client import ClientError, parse_url
from ..config import load
from ..engines import EngineInfo, open_engines
from ..errors import ConfigError
from .asks import Report
from .comparing import Comparison, Refused
from .page import page
from .table import as_json, as_text

COMPARED, FAILED, INTERRUPTED = 0, 1, 130

MOST_TIMES = 100

JSON_FILE, PAGE_FILE = "compare.json", "compare.html"


def add_compare(commands: Any) -> None:
    command = commands.add_parser(
        "compare",
        help="measure v1 against v2 and explain the difference on a page",
        description="Ask the same questions through v1 and v2, and write down what came when, and why.",
    )
    command.add_argument("--url", help="a running server; else one is started with your settings")
    command.add_argument("--times", type=int, default=5, help="how often each question is asked (5)")
    command.add_argument(
        "--out", type=Path, default=Path("compare"), metavar="FOLDER", help="for the page (compare)"
    )
    command.add_argument("--config", type=Path, metavar="FILE", help="settings as TOML")
    command.add_argument(
        "--audio",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a spoken question, may be given again; else the embedded voice speaks them",
    )
    command.add_argument("--yes", action="store_true", help="go on though it may cost money")
    command.set_defaults(command=compare)


def compare(options: argparse.Namespace) -> int:
    """
    Compare as *options* say; return the exit code.

    Raises:
        ConfigError: If an option or a setting makes no sense.
    """
    _check(options)
    infos = None if options.url else _engines(options.config)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    comparison = Comparison(
        url=options.url,
        config=options.config,
        infos=infos,
        times=options.times,
        audio=tuple(options.audio),
        is_agreed=options.yes,
    )
    try:
        report = asyncio.run(_stoppable(comparison.run()))
    except (KeyboardInterrupt, asyncio.CancelledError):
        _complain("Stopped; nothing was written.")
        return INTERRUPTED
    except (ClientError, Refused) as exc:
        _complain(str(exc))
        return FAILED
    _write(options.out, report)
    return COMPARED if all(pair.is_whole for run in report.runs for pair in run.pairs()) else FAILED


def _check(options: argparse.Namespace) -> None:
    if not 1 <= options.times <= MOST_TIMES:
        raise ConfigError(f"--times: wanted is a number from 1 to {MOST_TIMES}.")
    if options.url is not None:
        try:
            options.url = parse_url(options.url)
        except ValueError as exc:
            raise ConfigError(f"--url: {exc}.") from exc
        if options.config is not None:
            raise ConfigError("--config: it belongs to a server that is started here, not to --url.")
    try:
        # Before anything is asked: it may take minutes, and money.
        options.out.mkdir(parents=True, exist_ok=True)
        for name in (JSON_FILE, PAGE_FILE):
            with (options.out / name).open("ab"):
                pass
    except OSError as exc:
        raise ConfigError(f"--out: {options.out} can't be written to: {exc.strerror}.") from exc


def _engines(file: Path | None) -> tuple[EngineInfo, ...]:
    """
    Return who would work in a server with these settings.

    Raises:
        ConfigError: If it would not start.
    """
    config = load(file)
    if config.tls_cert is not None:
        raise ConfigError(
            "VOICECHAT_TLS_CERT: it is not made for this machine's own name. "
            "Start the server yourself, and name the address that its certificate is for with --url."
        )

    async def infos() -> tuple[EngineInfo, ...]:
        engines = open_engines(config)
        await engines.close()
        return engines.infos()

    return asyncio.run(infos())


async def _stoppable(work: Coroutine[Any, Any, Report]) -> Report:
    """Let SIGTERM end *work* as Ctrl-C does: the servers that it started are to end with it."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    except NotImplementedError:  # on Windows
        return await task
    try:
        return await task
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


def _write(folder: Path, report: Report) -> None:
    (folder / JSON_FILE).write_text(json.dumps(as_json(report), indent=2) + "\n", "utf-8")
    (folder / PAGE_FILE).write_text(page(report), "utf-8")
    sys.stdout.write(f"{as_text(report)}\n\nThe page: {folder / PAGE_FILE}\n")
    sys.stdout.flush()


def _complain(text: str) -> None:
    sys.stderr.write(f"voicechat: {text}\n")
