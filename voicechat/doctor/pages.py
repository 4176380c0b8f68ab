"""The pages that the bot answers from: how many, how long they take to read, and which are left out."""

from __future__ import annotations

import time
from contextlib import aclosing
from importlib.resources import files
from pathlib import Path

from ..errors import ConfigError
from ..knowledge import Knowledge
from .case import Case
from .children import Work, findings_of
from .finding import Check, Finding
from .settings import noted

OF_A_FILE = "Mend that file, or take it out of the folder."
OF_ALL = "README tells of the pages under Teach it your site."


async def check_pages(case: Case) -> Check:
    if not case.config.knowledge.on:
        yield Finding("pages", "ok", "The bot is not told any pages (VOICECHAT_KNOWLEDGE_ON=false).")
        return
    async with aclosing(findings_of(Work("pages", case.config))) as findings:
        async for finding in findings:
            yield finding


async def read_pages(work: Work) -> Check:
    """Read them as the server will; in a process of its own."""
    settings = work.config.knowledge
    folder = settings.folder or Path(str(files("voicechat") / "example"))
    knowledge = Knowledge(folder, settings.passages)
    start = time.monotonic()
    try:
        with noted("voicechat.knowledge") as left_out:
            await knowledge.load()
        pages, seconds = knowledge.pages(), time.monotonic() - start
    except ConfigError as exc:
        mend = "VOICECHAT_KNOWLEDGE_FOLDER=… names the folder of your Markdown pages."
        yield Finding("pages", "problem", str(exc), mend)
        return
    finally:
        await knowledge.close()
    what = "the example shop, for no folder is named" if settings.folder is None else str(folder)
    sections = sum(len(page.sections) for page in pages)
    text = (
        f"{_count(len(pages), 'page')} with {_count(sections, 'section')} of {what}, read in {seconds:.1f} s."
    )
    if not pages:
        mend = "Put Markdown there: files whose names end in .md."
        yield Finding("pages", "problem", f"{folder} holds no page.", mend)
    else:
        yield Finding("pages", "ok", text)
    for note in left_out:
        mends = OF_A_FILE if note.startswith("The page ") else OF_ALL
        yield Finding("pages", "warning", note, mends)
    for page in pages:
        if not page.sections:
            text = f"The page {page.url} holds no text, so nothing is answered from it."
            yield Finding("pages", "warning", text, "Write something on it.")


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'s' if number != 1 else ''}"
