"""What comparing may cost: whom it calls, how often, and for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..engines import VERBS, EngineInfo, Job
from .asks import MODES
from .questions import Question


@dataclass(frozen=True, slots=True)
class Calls:
    """What one server is asked for in all, the questions that are not counted included."""

    heard: int
    heard_seconds: float
    answered: int

    @classmethod
    def of(cls, questions: Sequence[Question], times: int) -> Calls:
        asked = [*list(questions) * (times * len(MODES)), *warming(questions)]
        spoken = [question.seconds for question in asked if question.kind == "spoken"]
        return cls(len(spoken), sum(spoken), len(asked))

    def told(self, job: Job) -> str:
        match job:
            case "stt":
                return f"{self.heard} recordings, {self.heard_seconds:.0f} seconds in all"
            case "chat":
                return f"{self.answered} answers"
            case "tts":
                return f"{self.answered} answers, a call for each sentence"


def warming(questions: Sequence[Question]) -> list[Question]:
    """Return those of *questions* that are asked before it counts, one of each kind: they wait for models."""
    return list({question.kind: question for question in reversed(questions)}.values())


def bill(infos: Sequence[EngineInfo] | None, calls: Calls) -> list[str]:
    """
    Say, a line each, who may send a bill for what; nothing: all is free.

    *infos* None: nobody knows who works there.
    """
    if infos is None:
        jobs: list[Job] = ["stt", "chat", "tts"] if calls.heard else ["chat", "tts"]
        return [f"who {VERBS[job]} there: {calls.told(job)}" for job in jobs]
    return [
        f"{info}, who {VERBS[info.job]}: {calls.told(info.job)}"
        for info in infos
        if info.paid and (info.job != "stt" or calls.heard)
    ]


def who(infos: Sequence[EngineInfo]) -> tuple[str, ...]:
    """Say who does each job, a line each."""
    return tuple(f"{info.name} ({info.model}) {VERBS[info.job]}, on {info.place}" for info in infos)
