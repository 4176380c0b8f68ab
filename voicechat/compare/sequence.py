"""How a spoken question and its answer travel in each mode, as two drawings; nothing in them is measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Literal

from ..client import Mode

WIDTH, HEIGHT = 360, 400
YOU, SERVER = 70, 278
"""Where the two lines of life stand."""
HALF = 9
"""Of a block on a line."""


@dataclass(frozen=True, slots=True)
class Block:
    """Somebody is at work from *top* to *bottom*."""

    at: Literal["you", "server"]
    words: str
    top: int
    bottom: int
    shift: int = 0
    """Pixels to the right, where two things are done at once."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """Something goes *up* to the server or down from it, leaving at *y*."""

    way: Literal["up", "down"]
    y: int
    words: str = ""
    is_big: bool = False


Drawing = tuple[Block | Arrow, ...]

DRAWINGS: dict[Mode, Drawing] = {
    "v1": (
        Block("you", "speak", 44, 118),
        Arrow("up", 130, "the whole recording", is_big=True),
        Block("server", "hears", 142, 188),
        Block("server", "writes", 192, 262),
        Block("server", "speaks", 222, 348, shift=22),
        Arrow("down", 362, "text and sound, all at once", is_big=True),
    ),
    "v2": (
        Block("you", "speak", 44, 118),
        Arrow("up", 56, "sound, as you speak"),
        Arrow("up", 72),
        Arrow("up", 88),
        Arrow("up", 104),
        Arrow("up", 118),
        Block("server", "hears", 130, 176),
        Arrow("down", 180, "what was heard"),
        Block("server", "writes", 180, 250),
        Arrow("down", 204, "text, word by word"),
        Arrow("down", 220),
        Arrow("down", 236),
        Arrow("down", 250),
        Block("server", "speaks", 210, 336, shift=22),
        Arrow("down", 274, "sound, piece by piece"),
        Arrow("down", 290),
        Arrow("down", 306),
        Arrow("down", 322),
        Arrow("down", 336),
    ),
}

TOLD: dict[Mode, str] = {
    "v1": (
        "v1, from top to bottom: you speak; then the whole recording goes up; the server hears, writes and "
        "speaks; then text and sound come down together."
    ),
    "v2": (
        "v2, from top to bottom: while you speak, pieces of sound go up; the server hears; what was heard "
        "comes down; while the server writes, words come down; while it speaks, pieces of sound come down."
    ),
}


def drawing(mode: Mode) -> str:
    marks = "".join(mark for part in DRAWINGS[mode] for mark in _marks(part))
    return (
        f'<svg class="sequence {mode}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(TOLD[mode])}">'
        f'<text class="who" x="{YOU}" y="18">You</text><text class="who" x="{SERVER}" y="18">Server</text>'
        f'<line class="life" x1="{YOU}" x2="{YOU}" y1="28" y2="{HEIGHT - 8}"/>'
        f'<line class="life" x1="{SERVER}" x2="{SERVER}" y1="28" y2="{HEIGHT - 8}"/>'
        f"{marks}</svg>"
    )


def _marks(part: Block | Arrow) -> Iterator[str]:
    if isinstance(part, Arrow):
        yield from _arrow(part)
        return
    line = (YOU if part.at == "you" else SERVER) + part.shift
    yield (
        f'<rect class="{part.at}" x="{line - HALF}" y="{part.top}" width="{2 * HALF}" '
        f'height="{part.bottom - part.top}" rx="3"/>'
    )
    side, anchor = (-HALF - 6, "end") if part.at == "you" else (HALF + 6, "start")
    # Beside one that is shifted, words stand under those of the line.
    y = (part.top + part.bottom) / 2 + 4 if not part.shift else part.bottom - 14
    if part.at == "server" and not part.shift:
        y = part.top + 17
    yield f'<text x="{line + side}" y="{y:g}" text-anchor="{anchor}">{part.words}</text>'


def _arrow(arrow: Arrow) -> Iterator[str]:
    start, end = (
        (YOU + HALF + 2, SERVER - HALF - 3) if arrow.way == "up" else (SERVER - HALF - 2, YOU + HALF + 3)
    )
    tip = -7 if arrow.way == "up" else 7
    y = arrow.y
    look = "big" if arrow.is_big else "small"
    yield f'<path class="arrow {look}" d="M{start} {y}H{end}m{tip} -4l{-tip} 4l{tip} 4"/>'
    if arrow.words:
        yield f'<text x="{(YOU + SERVER) // 2}" y="{y - 6}" text-anchor="middle">{arrow.words}</text>'
