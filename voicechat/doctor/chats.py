"""Where chats are kept: whether that file is whole, and whether it can be written."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from ..errors import ConfigError
from ..store import count_chats, file_of
from .case import Case
from .finding import Check, Finding

IN_MEMORY = "Chats are kept in memory: a restart of the server forgets them."


async def check_chats(case: Case) -> Check:
    try:
        file = file_of(case.config.store_address)
        yield Finding("chats", "ok", IN_MEMORY) if file is None else await asyncio.to_thread(_look_at, file)
    except ConfigError as exc:
        yield Finding("chats", "problem", str(exc), "VOICECHAT_STORE=sqlite:FILE names another one.")


def _look_at(file: Path) -> Finding:
    place = file if file.exists() else file.absolute().parent
    if not place.exists():
        return Finding("chats", "problem", f"{file}: its folder is not there.", f"mkdir -p {file.parent}")
    # The log of a commit is a file beside it.
    if not (os.access(place, os.W_OK) and os.access(file.absolute().parent, os.W_OK)):
        text = f"{file}: this user may not write there."
        return Finding("chats", "problem", text, "Let it, or name another file: VOICECHAT_STORE=sqlite:FILE.")
    if place != file:
        return Finding("chats", "ok", f"{file} is made at the first start.")
    chats = count_chats(file)
    size = file.stat().st_size
    return Finding("chats", "ok", f"{file} is whole: {chats:,} chats in {size / 1e6:.1f} MB.")
