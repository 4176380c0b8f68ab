"""
Make the recordings beside this file: ten questions to a shop, in flite's three voices.

Needs the Debian package flite. Run it as `python tests/speech/make_speech.py` after a change here.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import soundfile

# File name, voice and words. kal16 is the voice kal at 16 kHz, as the others are.
SENTENCES = (
    ("saturday", "slt", "When are you open on Saturday?"),
    ("return", "rms", "How long do I have to return a product?"),
    ("switzerland", "kal16", "Do you ship to Switzerland?"),
    ("shipping", "slt", "How much does shipping cost?"),
    ("parking", "rms", "Is there parking near the shop?"),
    ("gift-cards", "kal16", "Do you sell gift cards?"),
    ("organic", "slt", "Are your teas organic?"),
    ("sunday", "rms", "What time do you close on Sunday?"),
    ("pay", "kal16", "How can I pay for my order?"),
    ("teapot", "slt", "Do you have a teapot for two people?"),
)

HERE = Path(__file__).parent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder, "spoken.wav")
        for name, voice, words in SENTENCES:
            subprocess.run(["flite", "-voice", voice, "-t", words, "-o", str(spoken)], check=True)
            samples, rate = soundfile.read(spoken, dtype="int16")
            assert rate == 16_000, f"flite speaks at {rate} samples a second"
            soundfile.write(HERE / f"{name}.flac", samples, rate)
    words_by_file = {f"{name}.flac": words for name, _, words in SENTENCES}
    (HERE / "sentences.json").write_text(json.dumps(words_by_file, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
