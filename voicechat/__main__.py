"""The command line: one function a command."""

from __future__ import annotations

import argparse
import asyncio
import errno
import gc
import json
import logging
import os
import signal
import ssl
import sys
from collections.abc import Coroutine, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any, NoReturn

from aiohttp import web
from aiohttp.http import HttpProcessingError as BadHttpMessage

from . import __version__
from .api import HOUSE
from .app import build, drain
from .archive import add_archive
from .client import add_talk
from .compare import add_compare
from .config import LOCAL_HOSTS, Config, load, tls_context
from .doctor import Finding, Wanted, as_json, as_text, examine, summary
from .engines import VERBS, EngineInfo
from .errors import ConfigError
from .models import add_models
from .store import file_of, kept_seconds

SHUTDOWN_SECONDS = 0.25
"""
How long requests may take to end once their answers were stopped, and again once they were cancelled.

Who reads what it asked for had the drain time; who reads nothing would hold the process for ever.
"""

KEEPALIVE_SECONDS = 30.0
"""How long a connection may be idle, also before its first request."""

COLLECT_AFTER = (50_000, 20, 10)
"""
New objects after which Python looks for circles among them, and how often among the older ones.

With its own 700 a server took twice the processor time for a new connection: what is open lives long,
and was looked over again and again (`make bench`, the line on connects). Nothing of ours waits for it
(`tests/test_freed.py`).
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that *arguments* name, None: the process's own; return its exit code."""
    parser = argparse.ArgumentParser(prog="voicechat", description=sys.modules["voicechat"].__doc__)
    parser.add_argument("--version", action="version", version=f"voicechat {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_serve(commands)
    add_talk(commands)
    add_compare(commands)
    _add_doctor(commands)
    add_archive(commands)
    add_models(commands)
    options = parser.parse_args(arguments)
    try:
        command = options.command
        return int(command(options))
    except ConfigError as exc:
        return _complain(exc)
    except BrokenPipeError:
        # As in `voicechat doctor | head`: what is still in the buffer is not to fail once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _complain(error: ConfigError) -> int:
    print(f"voicechat: {error}", file=sys.stderr)
    return 2


def _add_serve(commands: Any) -> None:
    serve_command = commands.add_parser("serve", help="start the server")
    _add_settings(serve_command)
    serve_command.set_defaults(command=serve)


def _add_settings(command: Any) -> None:
    command.add_argument("--mode", choices=("v1", "v2", "both"), help="which doors answer")
    command.add_argument("--host", help="address to listen on (127.0.0.1)")
    command.add_argument("--port", type=int, help="port to listen on (8080)")
    command.add_argument(
        "--tls", nargs=2, type=Path, metavar=("CERT", "KEY"), help="files of PEM with which https is served"
    )
    command.add_argument("--config", type=Path, metavar="FILE", help="settings as TOML")


def _overrides(options: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that stand on the command line; None: not there."""
    cert, key = options.tls or (None, None)
    return {
        "mode": options.mode,
        "host": options.host,
        "port": options.port,
        "tls_cert": cert,
        "tls_key": key,
    }


def _add_doctor(commands: Any) -> None:
    command = commands.add_parser("doctor", help="look for what keeps the server from working well")
    _add_settings(command)
    command.add_argument("--url", help="where visitors reach the bot (where it listens)")
    command.add_argument("--page", help="address of a page of your site that is to carry the bot")
    command.add_argument("--seconds", type=float, default=10.0, help="time for each check (10)")
    command.add_argument("--json", action="store_true", help="for programs")
    command.set_defaults(command=doctor)


def doctor(options: argparse.Namespace) -> int:
    """Print what is in order and what is not; 1 where there is a problem."""
    wanted = Wanted(options.config, _overrides(options), options.url, options.page, options.seconds)
    try:
        findings = asyncio.run(_examine(wanted, quiet=options.json))
    except KeyboardInterrupt:
        return 130
    print(json.dumps(as_json(findings), indent=2) if options.json else f"\n{summary(findings)}")
    return int(any(finding.mark == "problem" for finding in findings))


async def _examine(wanted: Wanted, *, quiet: bool) -> list[Finding]:
    found: list[Finding] = []
    async with aclosing(examine(wanted)) as findings:
        async for finding in findings:
            if not quiet:
                before = found[-1] if found else None
                print(as_text(finding, before=before, colour=sys.stdout.isatty()), flush=True)
            found.append(finding)
    return found


def serve(options: argparse.Namespace) -> int:
    """Serve until a signal ends it; a second one does not wait for running answers."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname).1s %(name)s: %(message)s")
    logging.getLogger("voicechat").setLevel(logging.INFO)
    # A request that is no HTTP is logged by its error alone: what was sent may hold a secret.
    logging.getLogger("aiohttp.server").addFilter(_without_request)
    config = load(options.config, **_overrides(options))
    code = 0
    try:
        # Its `close` would wait for threads.
        asyncio.Runner(loop_factory=_new_event_loop).run(_serve(config, tls_context(config)))
    except ConfigError as exc:
        code = _complain(exc)
    _exit(code)


def _exit(code: int) -> NoReturn:
    """
    End the process without waiting for its threads, as Python would.

    What loads a model or encodes a long answer can't be stopped, and may take half a minute. Nothing is
    lost with it: the store is closed by now.
    """
    with suppress(OSError):  # nobody reads it any more
        sys.stdout.flush()
    os._exit(code)


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's, with which a token takes up to a quarter less of the processor; there is none for Windows."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop  # by no other command: it takes time to import

    return uvloop.new_event_loop()


def _without_request(record: logging.LogRecord) -> bool:
    if record.exc_info and isinstance(record.exc_info[1], BadHttpMessage):
        record.exc_info = None
    return True


async def _serve(config: Config, tls: ssl.SSLContext | None) -> None:
    gc.set_threshold(*COLLECT_AFTER)
    stops: asyncio.Queue[None] = asyncio.Queue()
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_, stops.put_nowait, None)
    app = build(config)
    # A client without a key that goes away must stop its engines: its handler is cancelled.
    # AppRunner's own default keeps an idle connection for an hour.
    runner = web.AppRunner(
        app,
        handler_cancellation=True,
        access_log=None,
        # No client of ours packs its bodies, and what is unpacked may be a thousand times what came.
        auto_decompress=False,
        keepalive_timeout=KEEPALIVE_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
    )
    await runner.setup()
    try:
        await _listen(runner, config, tls)
        port, engines = runner.addresses[0][1], app[HOUSE].rooms.engines
        print(banner(config, port, engines.infos(), engines.successors()), flush=True)
        await stops.get()
        await _first(drain(app), stops.get())
    finally:
        await runner.cleanup()


async def _first(*works: Coroutine[Any, Any, object]) -> None:
    """Wait for the first of *works* to be done; the others are cancelled."""
    tasks = [asyncio.create_task(work) for work in works]
    done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.wait(tasks)
    for task in done:
        task.result()


async def _listen(runner: web.AppRunner, config: Config, tls: ssl.SSLContext | None) -> None:
    try:
        await web.TCPSite(runner, config.host, config.port, ssl_context=tls).start()
    except OSError as exc:
        if exc.errno == errno.EADDRINUSE:
            raise ConfigError(
                f"port {config.port} is taken; choose another one: PORT=8081 or --port 8081"
            ) from exc
        raise ConfigError(f"{config.host}:{config.port} cannot be listened on: {exc.strerror}") from exc


def banner(
    config: Config, port: int, infos: Sequence[EngineInfo], successors: Sequence[EngineInfo] = ()
) -> str:
    """
    Return what an operator should know at the start: where, who does the work, what it may cost.

    *successors* take over from *infos*.
    """
    host = "localhost" if config.host in LOCAL_HOSTS else config.host
    modes = "modes v1 and v2" if config.mode == "both" else f"mode {config.mode}"
    scheme = "https" if config.tls_cert else "http"
    lines = [f"voicechat {__version__} serves {modes} on {scheme}://{host}:{port}"]
    done = {info.job: info for info in infos}
    for job, verb in VERBS.items():
        who = _who(done[job]) if job in done else "nobody"
        lines.append(f"  {verb:8} {who}; change it with VOICECHAT_{job.upper()}_ENGINE")
        lines += [f"  {'':8} {_who(info)}, takes over" for info in successors if info.job == job]
    lines.append(f"  {'keeps':8} {_kept(config)}; change it with VOICECHAT_STORE")
    lines.append("  The models load now; a question that comes earlier waits for them.")
    is_paid = any(info.paid for info in (*infos, *successors))
    if not is_paid:
        lines.append("  With OPENAI_API_KEY set, OpenAI does all three, or whoever OPENAI_BASE_URL names.")
    elif config.host not in LOCAL_HOSTS and not config.origins:
        lines.append(
            "  Careful: everyone who reaches this address spends your key; "
            "VOICECHAT_ORIGINS=https://your.site keeps other sites' pages out."
        )
    return "\n".join(lines)


def _who(info: EngineInfo) -> str:
    cost = "which may send a bill" if info.paid else "free"
    return f"{info}, {cost}"


def _kept(config: Config) -> str:
    seconds = kept_seconds(config.store_address, config.idle_minutes)
    time = f"{seconds / 86_400:g} days" if seconds >= 2 * 86_400 else f"{seconds / 60:g} minutes"
    return f"chats in {file_of(config.store_address) or 'memory'}, for {time} after they fall silent"


if __name__ == "__main__":
    sys.exit(main())
