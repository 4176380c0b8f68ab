"""What `pip install` brings: from a clone, from a source archive, with and without the extra `local`."""

from __future__ import annotations

import ast
import asyncio
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from aiohttp import ClientSession
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).parent.parent
WIDGET_SOURCES = (
    "web",
    "scss",
    "PROTOCOL.md",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    ".npmrc",
)

PATIENCE_SECONDS = 30


def copy_of_the_clone(folder: Path, *, built: bool) -> Path:
    """Copy what a package is made of: with the widget built, or with all that builds it."""
    parts = ["voicechat", "build_backend.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE"]
    unwanted = ["__pycache__", *([] if built else ["widget"])]
    for part in [*parts, *(() if built else WIDGET_SOURCES)]:
        if (REPOSITORY / part).is_dir():
            shutil.copytree(REPOSITORY / part, folder / part, ignore=shutil.ignore_patterns(*unwanted))
        elif (REPOSITORY / part).exists():
            shutil.copy2(REPOSITORY / part, folder / part)
    return folder


def build_wheel(source: Path, folder: Path) -> Path:
    """Build a wheel as `pip install` does, but with this environment's setuptools: no download."""
    subprocess.run(
        [sys.executable, *f"-m pip wheel --no-deps --no-index --no-build-isolation . -w {folder}".split()],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this tree with its widget built."""
    if not (REPOSITORY / "voicechat/widget/chat.js").exists():
        pytest.skip("the widget is not built: `make widget` builds it")
    return copy_of_the_clone(tmp_path_factory.mktemp("clone"), built=True)


@pytest.fixture(scope="module")
def wheel(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that is built from the clone's source archive, as `python -m build` does."""
    subprocess.run(
        [sys.executable, "-c", "import build_backend; build_backend.build_sdist('dist')"],
        cwd=clone,
        check=True,
        capture_output=True,
    )
    (archive,) = (clone / "dist").glob("*.tar.gz")
    folder = tmp_path_factory.mktemp("archive")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    return build_wheel(source, tmp_path_factory.mktemp("wheel"))


def test_a_wheel_holds_the_whole_package(clone: Path, wheel: Path) -> None:
    here = {str(file.relative_to(clone)) for file in (clone / "voicechat").rglob("*") if file.is_file()}

    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert packed == here
    assert {"voicechat/widget/chat.js", "voicechat/example/shipping.md", "voicechat/py.typed"} <= packed


def test_a_wheel_holds_the_licence_and_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        information = {Path(name).name: name for name in packed.namelist() if ".dist-info/" in name}

        assert "the voicechat authors" in packed.read(information["LICENSE"]).decode()
        assert "voicechat = voicechat.__main__:main" in packed.read(information["entry_points.txt"]).decode()


def test_a_clone_without_the_built_widget_builds_it_into_the_wheel(tmp_path: Path) -> None:
    if not shutil.which("npm"):
        pytest.skip("there is no npm: `make test` brings one")
    clone = copy_of_the_clone(tmp_path / "clone", built=False)

    wheel = build_wheel(clone, tmp_path / "wheel")

    assert {"voicechat/widget/chat.js", "voicechat/widget/site.html"} <= set(
        zipfile.ZipFile(wheel).namelist()
    )


def test_what_is_imported_is_declared() -> None:
    declared = {
        canonicalize_name(requirement.name)
        for extra in ("local", "mic")
        for requirement in declared_requirements(extra)
    }
    homes = packages_distributions()

    imported = {
        canonicalize_name(home)
        for library in imported_libraries(REPOSITORY / "voicechat")
        for home in homes.get(library, [library])
    }

    assert imported <= declared


def declared_requirements(extra: str | None = None) -> list[Requirement]:
    """What pyproject.toml asks for, and what it asks for with *extra*."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"][extra] if extra else []
    return [Requirement(line) for line in [*project["dependencies"], *extras]]


def imported_libraries(folder: Path) -> set[str]:
    """The first names of all that the modules below *folder* import from elsewhere."""
    found = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"voicechat"}


def required() -> set[str]:
    """The names of the distributions that voicechat needs without any extra, theirs included."""
    seen: set[tuple[str, str]] = set()
    waiting = declared_requirements()
    while waiting:
        wanted = waiting.pop()
        for extra in {"", *wanted.extras} - {extra for name, extra in seen if name == wanted.name}:
            seen.add((wanted.name, extra))
            for requirement in map(Requirement, distribution(wanted.name).requires or []):
                if not requirement.marker or requirement.marker.evaluate({"extra": extra}):
                    waiting.append(requirement)
    return {name for name, _ in seen}


@pytest.fixture
def bare_site(wheel: Path, tmp_path: Path) -> Path:
    """A site-packages with the wheel and its declared dependencies, and nothing of any extra."""
    site = tmp_path / "site-packages"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    for name in required():
        installed = distribution(name)
        for top in {file.parts[0] for file in installed.files or [] if file.parts[0] != ".."}:
            if not (site / top).exists():
                (site / top).symlink_to(str(installed.locate_file(top)))
    return site


@asynccontextmanager
async def served(site: Path, folder: Path) -> AsyncIterator[tuple[str, list[str]]]:
    """Serve on a free port with *site* as the only site-packages; give its address and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-S", "-m", "voicechat", "serve", "--port", "0"),
        cwd=folder,
        env={"PYTHONPATH": str(site), "PATH": "/nowhere"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said: list[str] = []
    assert process.stdout
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for line in process.stdout:
                said.append(line.decode())
                if address := re.search(r"http://localhost:\d+", said[-1]):
                    yield address[0], said
                    return
        raise AssertionError("".join(said))
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def test_without_extras_and_node_it_serves_typed_chat_and_says_what_adds_ears_and_voice(
    bare_site: Path, tmp_path: Path
) -> None:
    question = {"id": "me", "message": "How long do I have to return something?"}

    async with served(bare_site, tmp_path) as (url, said), ClientSession(url) as http:
        async with http.get("/chat.js") as loader:
            assert loader.status == 200
        async with http.get("/api/config") as config:
            can = await config.json()
        async with http.post("/api/message", json=question) as reply:
            answer = await reply.json()

    assert (can["hearing"], can["speech"]) == (False, False)
    assert "30 days" in answer["answer"]
    assert "pip install '.[local]'" in "".join(said)
