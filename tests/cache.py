"""
A plugin of pytest: what programs keep in the user's cache is kept in a folder of this run, and goes with it.

A voice that tells the times of its words takes seconds and 63 MB to make: all tests of a run share one, those
of other processes too, which inherit the environment.
"""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest

FOLDER = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):  # of pytest-xdist, which got it from the process that began the run
        return
    folder = tempfile.mkdtemp(prefix="voicechat-tests-")
    config.stash[FOLDER] = folder
    os.environ["XDG_CACHE_HOME"] = folder


def pytest_unconfigure(config: pytest.Config) -> None:
    if folder := config.stash.get(FOLDER, None):
        shutil.rmtree(folder, ignore_errors=True)
