"""Python, the packages, and the built widget."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from pathlib import Path

from .. import __version__
from .finding import Check, Finding, Mark
from .reach import LOADER

FOR_DEVELOPERS = "dev"

_REQUIREMENT = re.compile(
    r"(?P<name>[\w.-]+)(?:\[[^]]*\])?\s*(?P<bound>[^;]*)(?:;.*?extra\s*==\s*['\"](?P<extra>[\w-]+))?"
)
_BUILD = re.compile(r"-([0-9a-f]{10})\.js")
_NAMED_FILE = re.compile(rb"[a-z]+-[0-9a-f]{10}\.(?:js|css)")


@dataclass(frozen=True, slots=True)
class Requirement:
    name: str
    bound: str
    """As `>=1.2` or `==0.1.0`; empty: any version."""
    extra: str
    """Empty: always wanted."""
    installed: str | None
    """The version that is here."""

    @property
    def is_met(self) -> bool:
        if self.installed is None:
            return False
        bound = self.bound.partition(",")[0]
        found, wanted = _numbers(self.installed), _numbers(bound.lstrip("=<>~! "))
        return found == wanted if bound.startswith("==") else not bound.startswith(">=") or found >= wanted


async def check_installed() -> Check:
    system = f"{platform.system()} {platform.machine()}"
    yield _says("ok", f"voicechat {__version__} on Python {platform.python_version()}, {system}.")
    try:
        lines = requires("voicechat") or []
    except PackageNotFoundError:
        lines = []
        yield _says("unknown", "voicechat runs from its source folder, not installed.", "pip install -e .")
    for finding in packages([_requirement(line) for line in lines]):
        yield finding
    for finding in widget(Path(str(files("voicechat")))):
        yield finding


def _says(mark: Mark, text: str, mend: str = "") -> Finding:
    return Finding("installed", mark, text, mend)


def _requirement(line: str) -> Requirement:
    parts = _REQUIREMENT.match(line)
    assert parts
    name = parts["name"]
    try:
        installed = version(name)
    except PackageNotFoundError:
        installed = None
    return Requirement(name, parts["bound"].strip(), parts["extra"] or "", installed)


def packages(wanted: list[Requirement]) -> Iterator[Finding]:
    """Tell of the packages that voicechat needs, and of each extra: it is here, in part, or not at all."""
    for extra in dict.fromkeys(one.extra for one in wanted if one.extra != FOR_DEVELOPERS):
        those = [one for one in wanted if one.extra == extra]
        unmet = [one for one in those if not one.is_met]
        name = f"the extra {extra}" if extra else "what it always needs"
        if not unmet:
            versions = ", ".join(f"{one.name} {one.installed}" for one in those)
            yield _says("ok", f"Packages, {name}: {versions}.")
        elif extra and not any(one.installed for one in those):
            yield _says("ok", f"Packages, {name}: not installed.")
        else:
            missing = ", ".join(f"{one.name} {one.installed or 'is missing'}" for one in unmet)
            mend = "pip install " + " ".join(f"'{one.name}{one.bound}'" for one in unmet)
            yield _says("warning" if extra else "problem", f"Packages, {name}: {missing}.", mend)


def widget(package: Path) -> Iterator[Finding]:
    """Tell whether the widget is built whole, and of the sources beside it where there are some."""
    folder, mend = package / "widget", "make widget, or install a released package"
    loader = folder / LOADER
    if not loader.is_file():
        yield _says("problem", "The widget is not built: the server does not start.", mend)
        return
    apps = list(folder.glob("app-*.js"))
    named = {name.decode() for app in apps for name in _NAMED_FILE.findall(app.read_bytes())}
    for build in _BUILD.findall(loader.read_text()):
        named |= {f"{part}-{build}.js" for part in ("app", "v1", "v2", "en")}
    if missing := sorted(name for name in named if not (folder / name).is_file()):
        yield _says("problem", f"The built widget lacks {', '.join(missing)}.", mend)
        return
    built = loader.stat().st_mtime
    sources = [file for top in ("web", "scss") for file in (package.parent / top).rglob("*")]
    if any(file.stat().st_mtime > built for file in sources):
        yield _says("warning", "The widget's sources are newer than the built widget.", "make widget")
        return
    yield _says("ok", "The widget is built and whole.")


def _numbers(text: str) -> tuple[int, ...]:
    """Return a version's numbers, without the zeros behind: 1.2 is 1.2.0."""
    found = [int(number) for number in re.findall(r"\d+", text.partition("+")[0])]
    while found and found[-1] == 0:
        found.pop()
    return tuple(found)
