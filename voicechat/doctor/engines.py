"""Who does each job, and how long that takes at worst."""

from __future__ import annotations

from collections.abc import Iterator

from ..config import Config
from ..engines import EngineInfo, Job, open_engines
from ..errors import ConfigError
from ..turn import longest_wait
from .finding import Finding
from .settings import noted

SERVICES: dict[Job, str] = {"stt": "speech recognition", "chat": "chat", "tts": "speech"}

LOCAL_EXTRA = "pip install 'voicechat[local]' (in the source folder: pip install '.[local]')"


async def open_all(config: Config) -> tuple[tuple[EngineInfo, ...], list[Finding]]:
    """
    Return who does the jobs and takes over, nobody where it can't be as set, and what there is to say of it.
    """
    with noted("voicechat.engines"):  # it warns of what is said here
        try:
            engines = open_engines(config)
        except ConfigError as exc:
            return (), [Finding("engines", "problem", str(exc), "The server does not start with it.")]
    infos, successors = engines.infos(), engines.successors()
    await engines.close()
    findings = [*_who(config, infos, successors), Finding("engines", "ok", str(longest_wait(config)))]
    return (*infos, *successors), findings


def _who(
    config: Config, infos: tuple[EngineInfo, ...], successors: tuple[EngineInfo, ...]
) -> Iterator[Finding]:
    known = {info.job: info for info in infos}
    for job, service in SERVICES.items():
        if info := known.get(job):
            yield Finding("engines", "ok", f"{job} ({service}): {_described(info)}.")
            for one in successors:
                if one.job == job:
                    yield Finding("engines", "ok", f"{job}: takes over where that fails: {_described(one)}.")
        elif getattr(config, job).engine is None:
            yield Finding(
                "engines", "warning", f"{job} ({service}): nobody, for none is installed.", LOCAL_EXTRA
            )
        else:
            yield Finding("engines", "ok", f"{job} ({service}): nobody, as set.")


def _described(info: EngineInfo) -> str:
    cost = "may send a bill" if info.paid else "free"
    return f"{info.name}, {info.model}, on {info.place}, {cost}"
