"""A doctor's case for the tests: settings that are given, and no others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from voicechat.config import load
from voicechat.doctor.case import Case, Wanted
from voicechat.doctor.engines import open_all
from voicechat.doctor.finding import Check, Finding
from voicechat.doctor.network import open_session


@asynccontextmanager
async def case(
    *, url: str | None = None, page: str | None = None, seconds: float = 10, **settings: str
) -> AsyncIterator[Case]:
    """Yield the case of a server with *settings*, by their names in the environment without VOICECHAT_."""
    names = {name.upper(): value for name, value in settings.items()}
    environment = {
        name if name.startswith("OPENAI_") else f"VOICECHAT_{name}": v for name, v in names.items()
    }
    config = load(environment=environment)
    infos, _ = await open_all(config)
    async with open_session() as session:
        yield Case(Wanted(url=url, page=page, seconds=seconds), config, infos, session)


async def found(check: Check) -> list[Finding]:
    return [finding async for finding in check]


def marks(findings: list[Finding]) -> list[str]:
    return [finding.mark for finding in findings]


def the(mark: str, findings: list[Finding]) -> Finding:
    """Return the one finding with *mark*."""
    [one] = [finding for finding in findings if finding.mark == mark]
    return one


@asynccontextmanager
async def site(handler: dict[str, web.StreamResponse] | web.Application, **tls: object) -> AsyncIterator[str]:
    """Serve *handler*, an application or an answer for each path, and yield its address."""
    if isinstance(handler, dict):
        answers, app = handler, web.Application()

        async def answer(request: web.Request) -> web.StreamResponse:
            made = answers.get(request.path) or web.Response(status=404)
            return web.Response(status=made.status, headers=made.headers, body=made.body)  # type: ignore[attr-defined]

        app.router.add_route("*", "/{path:.*}", answer)
    else:
        app = handler
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls.get("tls")).start()  # type: ignore[arg-type]
        scheme = "https" if tls else "http"
        yield f"{scheme}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def files(folder: Path, **content: bytes) -> Path:
    """Write *content* into *folder*, names without `.md`, and return it."""
    folder.mkdir(exist_ok=True)
    for name, text in content.items():
        (folder / f"{name}.md").write_bytes(text)
    return folder
