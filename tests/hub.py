"""A stand-in for the Hugging Face hub: its API, its addresses, its redirects, and what can go wrong there."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from .listening import listening

COMMIT = "8f3b" * 10
LFS_BYTES = 100_000
"""From which size files are kept apart from git, and redirected to."""


@dataclass
class Behaviour:
    """How one request for a file's bytes is answered, where that is not as it should be."""

    of: str = ""
    """How the path of that request ends."""
    cut_after: int | None = None
    """Bytes after which the connection is closed."""
    once: asyncio.Event | None = None
    """What is waited for before that."""
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    ignores_range: bool = False
    content_range: str | None = None
    body: bytes | None = None


@dataclass
class Hub:
    """*asked* has the path and the headers of each request for bytes, those for an index too."""

    url: str = ""
    repositories: dict[str, dict[str, bytes]] = field(default_factory=dict)
    behaviours: list[Behaviour] = field(default_factory=list)
    """For the next requests for bytes, each for one; the API and redirects take none."""
    redirect: str | None = None
    """Where large files are said to be."""
    etag: str | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    """What the API says instead, by repository; bytes are sent as they are."""

    @property
    def ranges(self) -> list[str]:
        return [headers.get("Range", "") for _, headers in self.asked]

    def add_ears(self, repository: str, files: dict[str, bytes]) -> None:
        self.repositories[repository] = {".gitattributes": b"*.bin filter=lfs", "README.md": b"# A", **files}

    def add_voice(self, name: str, files: dict[str, bytes], **changes: Any) -> None:
        """*files* by how their names go on; *changes*: what the index says else."""
        code, voice, quality = name.split("-")
        folder = f"{code[:2]}/{code}/{voice}/{quality}"
        repository = self.repositories.setdefault("rhasspy/piper-voices", {"voices.json": b"{}"})
        found = {
            f"{folder}/{name if end.startswith('.') else ''}{end}": content for end, content in files.items()
        }
        index = json.loads(repository["voices.json"])
        index[name] = {
            "key": name,
            "name": voice,
            "language": {"code": code, "family": code[:2]},
            "quality": quality,
            "num_speakers": 1,
            "files": {
                path: {"size_bytes": len(content), "md5_digest": hashlib.md5(content).hexdigest()}
                for path, content in found.items()
            },
            **changes,
        }
        repository |= found | {"voices.json": json.dumps(index).encode()}

    def described(self, repository: str) -> dict[str, Any]:
        siblings = []
        for name, content in self.repositories[repository].items():
            git = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            one: dict[str, Any] = {"rfilename": name, "size": len(content), "blobId": git}
            if len(content) >= LFS_BYTES:
                sha256 = hashlib.sha256(content).hexdigest()
                one |= {
                    "blobId": "f" * 40,
                    "lfs": {"sha256": sha256, "size": len(content), "pointerSize": 134},
                }
            siblings.append(one)
        return {"id": repository, "sha": COMMIT, "siblings": siblings}


@asynccontextmanager
async def hub() -> AsyncIterator[Hub]:
    stand_in = Hub()

    async def api(request: web.Request) -> web.Response:
        repository = "{owner}/{name}".format_map(request.match_info)
        if repository not in stand_in.repositories:
            return web.json_response({"error": "Repository not found"}, status=401)
        answer = stand_in.answers.get(repository, stand_in.described(repository))
        assert request.query["blobs"] == "true"
        return web.Response(body=answer) if isinstance(answer, bytes) else web.json_response(answer)

    async def resolve(request: web.Request) -> web.StreamResponse:
        repository, path = "{owner}/{name}".format_map(request.match_info), request.match_info["path"]
        content = stand_in.repositories.get(repository, {}).get(path)
        if content is None or request.match_info["revision"] not in ("main", COMMIT):
            return web.Response(status=404)
        if len(content) < LFS_BYTES:
            return await _send(stand_in, request, content)
        sha256 = hashlib.sha256(content).hexdigest()
        headers = {
            "Location": stand_in.redirect or f"{stand_in.url}/cdn/{repository}/{path}?signature=1",
            "X-Linked-Etag": f'"{sha256}"',
            "X-Linked-Size": str(len(content)),
            "X-Repo-Commit": COMMIT,
        }
        return web.Response(status=302, headers=headers)

    async def cdn(request: web.Request) -> web.StreamResponse:
        repository, path = "{owner}/{name}".format_map(request.match_info), request.match_info["path"]
        return await _send(stand_in, request, stand_in.repositories[repository][path])

    app = web.Application()
    app.router.add_get("/api/models/{owner}/{name}/revision/main", api)
    app.router.add_get("/{owner}/{name}/resolve/{revision}/{path:.+}", resolve)
    app.router.add_get("/cdn/{owner}/{name}/{path:.+}", cdn)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    async with listening(runner) as url:
        stand_in.url = url
        yield stand_in


async def _send(stand_in: Hub, request: web.Request, content: bytes) -> web.StreamResponse:
    headers = {"X-Repo-Commit": COMMIT}
    if request.method == "HEAD":
        headers |= {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "Content-Length": str(len(content))}
        return web.Response(headers=headers)
    stand_in.asked.append((request.path, dict(request.headers)))
    how = next((one for one in stand_in.behaviours if request.path.endswith(one.of)), Behaviour())
    if how in stand_in.behaviours:
        stand_in.behaviours.remove(how)
    content = content if how.body is None else how.body
    etag = stand_in.etag or f'"{hashlib.sha256(content).hexdigest()}"'
    response = web.StreamResponse(headers={**headers, "ETag": etag, **how.headers})
    start = 0
    wanted = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
    if wanted and not how.ignores_range and request.headers.get("If-Range", etag) == etag:
        start = int(wanted[1])
        response.set_status(206)
        last = len(content) - 1
        response.headers["Content-Range"] = how.content_range or f"bytes {start}-{last}/{len(content)}"
    if how.status:
        response.set_status(how.status)
        start = len(content)
    response.content_length = len(content) - start
    await response.prepare(request)
    await response.write(content[start:] if how.cut_after is None else content[start : start + how.cut_after])
    if how.cut_after is not None:
        if how.once is not None:
            await how.once.wait()
        assert request.transport
        request.transport.close()
    return response


def folder_of(path: Path) -> dict[str, bytes]:
    """Return the files in *path* by their names."""
    return {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}
