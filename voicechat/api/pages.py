"""The widget's files, and a small site that carries it: the pages the bot knows, rendered."""

from __future__ import annotations

import asyncio
import html
import mimetypes
import re
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template

from aiohttp import web
from markdown_it import MarkdownIt

from ..errors import BadRequest, ConfigError, NotFound
from ..knowledge import Knowledge, Page, encoded

PUBLIC = {
    "Access-Control-Allow-Origin": "*",
    # Pages that isolate themselves (COEP) may load them too.
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Encoding",
}

FOR_EVER = "public, max-age=31536000, immutable"
FOR_MINUTES = "public, max-age=300"

SITE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)

READING = ("GET", "HEAD")

KEPT_PAGES = 128
"""Pages of the site whose HTML is kept."""

LOADER = "chat.js"
TEMPLATE = "site.html"
PACKED = ".gz"


class Pages:
    """
    Serves the built widget from memory, by fixed names: no path of the disk can be asked for.

    Raises:
        ConfigError: If the widget was not built.
    """

    def __init__(self, knowledge: Knowledge | None) -> None:
        self._knowledge = knowledge
        built = _read(files("voicechat") / "widget")
        # Packed by the build, better than could be done here: each visitor fetches them.
        self._packed = {name.removesuffix(PACKED): built[name] for name in built if name.endswith(PACKED)}
        self._files = {name: built[name] for name in self._packed if name in built}
        if LOADER not in self._files or TEMPLATE not in self._files:
            raise ConfigError("The widget is not built: run `make widget`, or install a released package.")
        self._template = Template(self._files[TEMPLATE].decode())
        markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
        self._html = lru_cache(KEPT_PAGES)(markdown.render)

    async def get_loader(self, request: web.Request) -> web.Response:
        """Give the one script that a site's tag names (`GET /chat.js`)."""
        return self._file(request, LOADER, FOR_MINUTES)

    async def get_widget_file(self, request: web.Request) -> web.Response:
        """Give a file whose name carries its hash (`GET /widget/{name}`)."""
        return self._file(request, request.match_info["name"], FOR_EVER)

    async def get_page(self, request: web.Request) -> web.Response:
        """Show a page of the site that the bot knows (`GET /`, `GET /{page}`)."""
        pages = self._knowledge.pages() if self._knowledge else ()
        page = next((page for page in pages if page.url == request.path), None)
        if page is None and request.path != "/":
            raise NotFound("There is no such page.")
        if request.method not in READING:
            raise web.HTTPMethodNotAllowed(request.method, READING)
        return web.Response(
            text=await self._rendered(page, pages, _origin(request)),
            content_type="text/html",
            headers={
                "Content-Security-Policy": SITE_POLICY,
                "Permissions-Policy": "microphone=(self)",
                "Referrer-Policy": "no-referrer",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-cache",
            },
        )

    async def _rendered(self, page: Page | None, pages: tuple[Page, ...], origin: str) -> str:
        tag = f'<script async src="{origin}/{LOADER}"></script>'
        links = (_link(p, is_current=p is page) for p in pages)
        return self._template.substitute(
            title=html.escape(page.title if page else "voicechat"),
            nav="\n".join(links),
            # A large page takes a second, once.
            content=await asyncio.to_thread(self._html, page.markdown) if page else "",
            tag=html.escape(tag),
            loader=f"/{LOADER}",
        )

    def _file(self, request: web.Request, name: str, cache: str) -> web.Response:
        if name not in self._files:
            raise NotFound("There is no such file.")
        content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        is_packed = _takes_gzip(request.headers.get("Accept-Encoding", ""))
        return web.Response(
            body=(self._packed if is_packed else self._files)[name],
            content_type=content_type,
            charset="utf-8" if content_type.startswith("text/") else None,
            headers={**PUBLIC, "Cache-Control": cache, **({"Content-Encoding": "gzip"} if is_packed else {})},
        )


def _takes_gzip(accepted: str) -> bool:
    """Tell whether a header Accept-Encoding names gzip, and not with the weight nought (RFC 9110, 12.5.3)."""
    found = re.search(r"(?:^|,)\s*(?:x-)?gzip\s*(?:;\s*q=([01](?:\.\d*)?))?\s*(?:,|$)", accepted.lower())
    return found is not None and float(found.group(1) or 1) > 0


def _origin(request: web.Request) -> str:
    """
    Raises:
        BadRequest: If the Host header is none.
    """
    try:
        return str(request.url.origin())
    except (ValueError, UnicodeError) as exc:
        raise BadRequest("The Host header is no address.") from exc


def _link(page: Page, *, is_current: bool) -> str:
    current = ' aria-current="page"' if is_current else ""
    return f'<a href="{html.escape(encoded(page.url))}"{current}>{html.escape(page.title)}</a>'


def _read(folder: Traversable) -> dict[str, bytes]:
    if not folder.is_dir():
        return {}
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
