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
    """A server with a page of its own and one suggested question; it hears recordings at their end."""
    settings = {"stt_early_calls": "0"} | settings
    voice = voice or doubles.Voice(ms_per_char=20)
    async with serving(doubles.engines(ears, brain, voice), doubles.Pages(), **settings) as server:
        yield server


LONG = doubles.Brain("From nine to six, ", "every day but Monday. ", "On Sunday from eleven.")

CODE_AND_TABLE = """\
```sh
npm install voicechat   # as an example of a line that is wider than its box, and moves in it
npm start
```

| Day | Open | Last entry | What is on | Price |
|:----|:----:|-----------:|------------|-------|
| Tuesday | 9–18 | 17:30 | Workshop for beginners | `12 €` |
| Sunday | 11–17 | 16:30 | [Tour](https://shop.example/tour) | free |
"""
"""Markdown of an answer, wider than the panel."""
