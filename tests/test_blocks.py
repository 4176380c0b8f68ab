"""Bytes that grow, and of which the first may be let go."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicechat.blocks import Blocks

pieces = st.lists(st.sampled_from([0, 1, 2, 700, 1_023, 1_024, 5_000, 70_000]), max_size=8)


@given(pieces, st.lists(st.floats(0, 1), max_size=4))
def test_what_is_left_is_what_was_added_but_for_what_was_cut(sizes: list[int], shares: list[float]) -> None:
    blocks, expected = Blocks(), b""
    for number, size in enumerate(sizes):
        blocks += bytes([number]) * size
        expected += bytes([number]) * size
        for share in shares:
            cut = int(len(expected) * share)
            blocks.cut(cut)
            expected = expected[cut:]
        assert (len(blocks), bytes(blocks)) == (len(expected), expected)
    blocks.clear()
    assert (len(blocks), bytes(blocks)) == (0, b"")
