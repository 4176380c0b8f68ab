"""Static word embeddings: how near two words are in meaning, where no table knows them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger("voicechat.knowledge")

Floats = NDArray[np.float32]

WEIGHTS = "weights/l2_supercat_256.safetensors"
TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"

MAX_NORM = 20.0
TYPICAL_NORM = 12.0
"""Length of a telling word's vector ("open" 12.3, "shut" 16.6); "the" has 1.6, "how" 7.9."""


@dataclass(frozen=True, slots=True)
class Word:
    direction: Floats
    """Of length 1."""
    telling: float
    """About 1 for a word that tells a subject, near 0 for one that only joins others."""
    is_common: bool
    """Whether it is one piece of the tokenizer's 32,000: no slip of the finger then."""


class Vectors:
    """
    The vectors of WordLlama (256 numbers for each of 32,000 word pieces; MIT).

    Its files are read without importing the package: that would set up the process's logging.
    """

    def __init__(self, pieces: NDArray[np.float16], tokenizer: Any) -> None:
        self._pieces = pieces
        self._tokenizer = tokenizer

    @classmethod
    def load(cls) -> Vectors | None:
        """Read the files of the installed package; None where that can't be, and the log says why."""
        try:
            from safetensors.numpy import load_file
            from tokenizers import Tokenizer

            folder = _installed("wordllama")
            pieces = load_file(folder / WEIGHTS)["embedding.weight"]
            tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except ModuleNotFoundError as error:
            log.info('No word vectors (no %s): pip install "voicechat[local]" brings them.', error.name)
            return None
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the site answers without
            log.warning("No word vectors: %r", error)
            return None
        tokenizer.no_padding()
        return cls(pieces, tokenizer)

    def word(self, word: str) -> Word:
        """Return what is known of *word*: the sum of its pieces' vectors."""
        pieces = self._tokenizer.encode(word.lstrip("#"), add_special_tokens=False).ids
        vector = self._pieces[pieces].astype(np.float32).sum(axis=0)
        norm = float(np.linalg.norm(vector))
        return Word(
            vector / (norm or 1.0), (min(norm, MAX_NORM) / TYPICAL_NORM) ** 0.5, is_common=len(pieces) == 1
        )

    def directions(self, words: Sequence[str]) -> Floats:
        """Return the directions of *words*, one a row."""
        if not words:
            return np.zeros((0, self._pieces.shape[1]), np.float32)
        return np.stack([self.word(word).direction for word in words])


def _installed(package: str) -> Path:
    """Return the folder of *package* without importing it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name=package)
    return Path(spec.origin).parent
