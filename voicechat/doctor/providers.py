"""
Whether a provider is there, takes the key and has the models: found out without a bill.

What is sent can't be done by anybody: a list where an object is wanted, a form without a recording.
A server that has the address refuses it with 400 or 422, and one that takes no key with 401 first.
"""

from __future__ import annotations

import asyncio
import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from yarl import URL

from ..config import OPENAI_URL, Chat, Stt, Tts, listed
from ..engines import EngineInfo, Job, is_elsewhere
from .case import HERE, Case, is_loopback
from .engines import SERVICES
from .finding import Check, Finding, Mark
from .network import Answer, Unreachable, ask

ADDRESSES: dict[Job, str] = {
    "stt": "audio/transcriptions",
    "chat": "chat/completions",
    "tts": "audio/speech",
}

LACKING = (404, 405, 501)


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody elsewhere, and all jobs that are done there under one key."""

    base_url: str
    key: str | None = field(repr=False)
    key_setting: str
    url_setting: str
    infos: tuple[EngineInfo, ...]
    prefixes: tuple[str, ...]
    """How the settings of each of `infos` begin, as `VOICECHAT_TTS_NEXT`."""

    @property
    def place(self) -> str:
        """The address without a name and password that may stand in it."""
        return self.infos[0].place

    def url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}/{path}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}

    def says(self, mark: Mark, text: str, mend: str = "") -> Finding:
        return Finding("providers", mark, f"{self.place}: {text}", mend)

    def late(self, seconds: float) -> Finding:
        mend = "Correct the address, or let this machine through the firewall that is between."
        return self.says("problem", f"no answer after {seconds:g} s.", mend)


def providers(case: Case) -> list[Provider]:
    common = case.config.openai_base_url or OPENAI_URL
    together: dict[tuple[str, str | None], list[tuple[EngineInfo, str]]] = {}
    for info, prefix, section in _elsewhere(case):
        key = section.key.get_secret_value() if section.key else None
        together.setdefault((section.base_url or OPENAI_URL, key), []).append((info, prefix))
    found = []
    for (url, key), rows in together.items():
        infos, prefixes = zip(*rows, strict=True)
        own = prefixes[0]
        names = ("OPENAI_API_KEY", "OPENAI_BASE_URL") if url == common else (f"{own}_KEY", f"{own}_BASE_URL")
        found.append(Provider(url, key, *names, infos, prefixes))
    return found


def _elsewhere(case: Case) -> Iterator[tuple[EngineInfo, str, Stt | Chat | Tts]]:
    """Yield the engines that are elsewhere, each with how its settings begin, and with them."""
    for job in ADDRESSES:
        infos = [info for info in case.infos if info.job == job and info.place != HERE]
        sections = [(path, one) for path, one in listed(getattr(case.config, job)) if is_elsewhere(one)]
        # Where the settings are wrong nobody is opened.
        for info, (path, section) in zip(infos, sections, strict=False):
            yield info, "_".join(("voicechat", job, *path)).upper(), section


async def check_provider(case: Case, provider: Provider) -> Check:
    url = URL(provider.base_url)
    if provider.key and url.scheme == "http" and not is_loopback(url.host or ""):
        text = "the key goes there without encryption, for all on the way to read."
        yield provider.says("warning", text, f"{provider.url_setting}=https://…, if it has that.")
    try:
        listing = await _ask(case, provider, "GET", "models")
        probes = await asyncio.gather(*(_probe(case, provider, info.job) for info in provider.infos))
    except Unreachable as exc:
        yield provider.says("problem", f"{exc.text}.", exc.mend)
        return
    refusals = [answer.status for answer in (listing, *probes) if answer.status == 401]
    refusals += [answer.status for answer in probes if answer.status == 403]
    if refusals:
        yield _refused(provider, refusals[0])
        return
    yield provider.says("ok", "answers, and did not refuse the key." if provider.key else "answers.")
    models = _models(listing)
    for info, prefix, answer in zip(provider.infos, provider.prefixes, probes, strict=True):
        trouble = _trouble(provider, info, answer)
        if trouble is None:
            yield _listed(provider, info, prefix, models)
        elif answer.status in LACKING and info.job == "chat":
            yield await _no_chat(case, provider)
        else:
            if answer.status in LACKING:
                case.lacking.add(info.job)
            yield trouble


async def _ask(case: Case, provider: Provider, method: str, path: str, **more: Any) -> Answer:
    headers = {**provider.headers, **more.pop("headers", {})}
    return await ask(case.session, method, provider.url(path), headers=headers, **more)


async def _probe(case: Case, provider: Provider, job: Job) -> Answer:
    """Ask for what can't be done. See this module's docstring."""
    if job == "stt":
        form = aiohttp.FormData()
        form.add_field("response_format", "json", content_type="text/plain")
        return await _ask(case, provider, "POST", ADDRESSES[job], data=form)
    json_type = {"Content-Type": "application/json"}
    return await _ask(case, provider, "POST", ADDRESSES[job], data=b"[]", headers=json_type)


def _refused(provider: Provider, status: int) -> Finding:
    if provider.key or URL(provider.base_url).user:
        mend = f"Set another one: {provider.key_setting}=…"
        return provider.says("problem", f"refuses the key (status {status}).", mend)
    return provider.says("problem", f"wants a key (status {status}).", f"{provider.key_setting}=…")


def _trouble(provider: Provider, info: EngineInfo, answer: Answer) -> Finding | None:
    """Say why *info*'s job will not be done; None: it seems that it will."""
    job, service, status = info.job, SERVICES[info.job], answer.status
    if status in LACKING:
        # Some say "model not found" with the same status, and they do have the address.
        if "model" in answer.text.lower():
            return None
        text = f"has no {service} (status {status}); this machine is to do it instead."
        return provider.says("warning", text, f"VOICECHAT_{job.upper()}_ENGINE names who does it for good.")
    if 300 <= status < 400:
        target = URL(answer.headers.get("Location", "")).with_query(None).with_user(None)
        text = f"sends {service} on to {target or 'elsewhere'} (status {status}), which is not followed."
        return provider.says("problem", text, f"Name the address itself: {provider.url_setting}=…")
    if status == 402:
        return provider.says(
            "problem", f"{service} is not paid for (status 402).", "Look at the account there."
        )
    if status == 429:
        mend = "Look at the account there, or wait."
        return provider.says("warning", f"{service} is busy, or without credit (status 429).", mend)
    if status > 500:
        mend = "Try again; then look at its own log or status page."
        return provider.says("warning", f"{service} does not work just now (status {status}).", mend)
    return None


async def _no_chat(case: Case, provider: Provider) -> Finding:
    mend = f"Correct the address: {provider.url_setting}=…"
    if not provider.base_url.rstrip("/").endswith("/v1"):
        try:
            answer = await _ask(case, provider, "GET", "v1/models")
        except Unreachable:
            pass
        else:
            if answer.status in (200, 401, 403):
                mend = f"It is one level lower: {provider.url_setting}={provider.place.rstrip('/')}/v1"
    return provider.says("problem", f"there is no {ADDRESSES['chat']} below this address.", mend)


def _models(listing: Answer) -> list[str]:
    """Return the models' names; none where it lists none."""
    if listing.status != 200:
        return []
    try:
        content = json.loads(listing.body)
    except ValueError:
        return []
    rows = content.get("data") if isinstance(content, dict) else None
    return list(_names(rows if isinstance(rows, list) else []))


def _names(rows: list[Any]) -> Iterator[str]:
    for row in rows:
        if isinstance(row, dict) and isinstance(row.get("id"), str):
            yield row["id"]


def _listed(provider: Provider, info: EngineInfo, prefix: str, models: list[str]) -> Finding:
    service, model = SERVICES[info.job], info.model
    if not models:
        text = f"{service} is there; whether it has {model} could not be checked, for it lists no models."
        return provider.says("unknown", text)
    # Ollama leaves the tag out where it is this one.
    if model in models or f"{model}:latest" in models:
        return provider.says("ok", f"{service} is there, and {model} is listed.")
    near = difflib.get_close_matches(model, models, n=3, cutoff=0.4) or models[:3]
    text = f"{service} is there, but {model} is not among the {len(models)} models that it lists."
    mend = f"{prefix}_MODEL={near[0]}"
    if near[1:]:
        mend += f", or {' or '.join(near[1:])}"
    return provider.says("warning", text, mend)
