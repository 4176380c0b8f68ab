"""Whether the server may listen where it is to, and who can reach it there."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Iterator

from .case import Case
from .finding import Check, Finding
from .network import Unreachable
from .reach import running


async def check_port(case: Case) -> Check:
    config = case.config
    where = f"{config.host}, port {config.port}"
    try:
        # As the server will do it, but without beginning to listen.
        server = await asyncio.get_running_loop().create_server(
            asyncio.Protocol, config.host, config.port, start_serving=False
        )
    except OSError as exc:
        yield await _refused(case, where, exc)
    else:
        server.close()
        text = "any free port will be taken" if config.port == 0 else "it is free"
        yield Finding("port", "ok", f"{where}: {text}.")
    for finding in _exposed(case):
        yield finding


async def _refused(case: Case, where: str, exc: OSError) -> Finding:
    port = case.config.port
    if exc.errno == errno.EADDRINUSE:
        try:
            # Half the time: what is silent has taken the port all the same. Whose certificate it
            # is does not matter, only who is there.
            async with asyncio.timeout(case.seconds / 2):
                found = await running(case, case.local_url, ssl=False, proxy=None)
        except (Unreachable, TimeoutError):
            found = None
        if found:
            return Finding("port", "ok", f"{where}: {found}, already answers there.")
        text = f"{where}: another program has taken it."
        return Finding("port", "problem", text, f"Choose another one: PORT={port + 1} or --port {port + 1}")
    if exc.errno in (errno.EACCES, errno.EPERM):
        mend = f"--port {8000 + port % 1000}, with a reverse proxy in front"
        return Finding("port", "problem", f"{where}: this user may not listen there.", mend)
    if exc.errno == errno.EADDRNOTAVAIL or isinstance(exc, socket.gaierror):
        mend = "--host 127.0.0.1 for this machine alone, --host 0.0.0.0 for all that can reach it"
        return Finding("port", "problem", f"{where}: that is no address of this machine.", mend)
    return Finding("port", "problem", f"{where}: {exc.strerror or exc}.", "Choose another --host and --port.")


def _exposed(case: Case) -> Iterator[Finding]:
    if not case.is_public:
        yield Finding("port", "ok", "Only programs on this machine reach it there, such as a reverse proxy.")
    elif any(info.paid for info in case.infos) and not case.config.origins:
        text = "Everyone who reaches this address spends your key."
        yield Finding(
            "port", "warning", text, "VOICECHAT_ORIGINS=https://your.site keeps other sites' pages out."
        )
    else:
        yield Finding(
            "port", "ok", "Others than this machine can reach it there, as far as firewalls let them."
        )
