"""A server whose engines do what the test says."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

import numpy as np
import pytest

from tests import doubles
from tests.conftest import Server, serving
from voicechat.audio import SPEECH_RATE
from voicechat.engines import Manner

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


class Hum(doubles.Voice):
    """Speaks as its base does, but so that it can be measured: a tone at half of full scale."""

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[bytes, None]:
        async for silence in super().speak(text, manner):
            samples = np.arange(len(silence) // 2)
            tone = np.sin(2 * np.pi * 440 * samples / SPEECH_RATE) / 2
            yield (tone * 32_767).astype("<i2").tobytes()


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
