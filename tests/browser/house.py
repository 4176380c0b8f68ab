"""A server whose engines do what the test says."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest

from tests import doubles
from tests.conftest import Server, serving

both_modes = pytest.mark.parametrize("mode", ["v1", "v2"])


@contextlib.asynccontextmanager
async def house(
    brain: doubles.Brain | None = None,
    ears: doubles.Ears | None = None,
    voice: doubles.Voice | None = None,
    **settings: str,
) -> AsyncIterator[Server]:
    """A server with a page of its own and one suggested question."""
    voice = voice or doubles.Voice(ms_per_char=20)
    async with serving(doubles.engines(ears, brain, voice), doubles.Pages(), **settings) as server:
        yield server


LONG = doubles.Brain("From nine to six, ", "every day but Monday. ", "On Sunday from eleven.")
