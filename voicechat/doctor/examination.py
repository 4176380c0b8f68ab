"""Which checks there are; all run at once, each within its time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from itertools import chain

from .case import Case, Wanted
from .certificate import check_certificate
from .chats import check_chats
from .engines import open_all
from .finding import Check, Finding, Mark, Topic, within
from .host_page import check_host_page
from .installed import check_installed
from .microphone import check_microphone
from .models import check_models
from .network import open_session
from .pages import check_pages
from .port import check_port
from .providers import check_provider, providers
from .reach import check_url
from .settings import read_settings

CHECKS: tuple[tuple[Topic, Callable[[Case], Check]], ...] = (
    ("port", check_port),
    ("port", check_certificate),
    ("port", check_url),
    ("microphone", check_microphone),
    ("host page", check_host_page),
    ("pages", check_pages),
    ("chats", check_chats),
)


async def examine(wanted: Wanted) -> AsyncGenerator[Finding, None]:
    """
    Yield what is found, in an order fit to be read; the caller closes the generator.

    Closing it ends every check, and every process that one has started.
    """
    config, found = read_settings(wanted.file, wanted.overrides)
    for finding in found:
        yield finding
    if config is None:
        for finding in await _installed(wanted):
            yield finding
        return
    infos, found = await open_all(config)
    for finding in found:
        yield finding
    async with open_session() as session:
        case = Case(wanted, config, infos, session)
        checks = [_bounded(case, topic, check) for topic, check in CHECKS]
        tasks = [asyncio.create_task(work) for work in (_engines(case), *checks, _installed(wanted))]
        try:
            for task in tasks:
                for finding in await task:
                    yield finding
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _engines(case: Case) -> list[Finding]:
    """The providers first: what they lack, the embedded engines are to do."""
    about = await asyncio.gather(
        *(
            within(case.seconds, check_provider(case, provider), provider.late(case.seconds))
            for provider in providers(case)
        )
    )
    return [*chain(*about), *await _bounded(case, "models", check_models)]


async def _bounded(case: Case, topic: Topic, check: Callable[[Case], Check]) -> list[Finding]:
    return await within(case.seconds, check(case), _late(topic, case.seconds))


async def _installed(wanted: Wanted) -> list[Finding]:
    return await within(wanted.seconds, check_installed(), _late("installed", wanted.seconds))


def _late(topic: Topic, seconds: float) -> Finding:
    what = {
        "models": "The models are not loaded, or not done with their samples,",
        "pages": "The pages are not read",
        "port": "Nothing answers there",
        "host page": "The page does not answer",
    }.get(topic, "This check is not done")
    mark: Mark = "problem" if topic in ("port", "host page") else "warning"
    mend = f"Try again with --seconds {seconds * 6:g}; visitors would wait as long."
    return Finding(topic, mark, f"{what} after {seconds:g} s.", mend)
