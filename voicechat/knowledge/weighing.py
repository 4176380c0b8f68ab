"""How a passage bears on a question, in numbers, and what they come to: its rank, and its bearing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import IO

import numpy as np

from ..dialogue import Bearing

ANSWERS_ODDS, NEAR_ODDS = 0.8, -2.0
"""
Above these logarithms of the odds a passage passes for an answer, or for something near one.

The first keeps most of what only looks like an answer from being told as one: on sites that the
weights were not fitted on, it still lets most right answers pass (tests/sites/fit.py prints both).
"""

SECOND_SHARE = 0.9
"""Of the first passage's rank: what lies further behind is about the question, and seldom answers it."""

NEAR_SHARE = 0.4
"""Of the first passage's rank, where that itself is only near: the right one is mostly among the next."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """How a passage bears on a question; every number lies between 0 and about 1."""

    covered: float
    """The part of the question that the passage has, in its headings or text, by weight."""
    heading: float
    """The part of the passage's heading that the question has."""
    line: float
    """The part of the question that its best line has, heading included."""
    missing: float
    """The weight of the weightiest term it has not, where the question asks whether something is so."""
    last: float
    """How much the last telling word is missing: in English it mostly names what is asked for."""
    whether: float
    """1 for a question that asks whether something is so."""
    absent: float
    """The weight of the weightiest term that the whole site has not."""
    absent_share: float
    """The part of the question that the whole site has not, by weight."""
    how_to: float
    """1 where question and heading both ask for the steps of something."""
    near: tuple[float, ...] = ()
    """How near the question's vector is to that of the heading, of the whole passage, of its nearest
    line with the heading and without; empty where there are no vectors."""
    met: tuple[float, ...] = ()
    """How the passage meets the question's words, each by its meaning where it stands (`nearness`)."""

    @property
    def rank(self) -> float:
        return _sum_of_products(_RANK if self.near else _PLAIN_RANK, self.ranked_by)

    def odds(self, ahead: float) -> float:
        """
        Return the logarithm of the odds that the passage answers.

        *ahead* is how far the rank of the question's first passage is over that of its second.
        """
        seen = self.judged_by(ahead)
        return JUDGE.odds(seen) if self.near else _sum_of_products(_PLAIN_ODDS, (1.0, *seen))

    @property
    def ranked_by(self) -> tuple[float, ...]:
        return (self.covered, self.heading, self.line, self.how_to, *self.near)

    def judged_by(self, ahead: float) -> tuple[float, ...]:
        seen = (self.covered, self.heading, self.whether, self.missing, self.last)
        return (*seen, self.absent, self.absent_share, ahead, *self.near, *self.met)


class Judge:
    """
    Tells from what a passage is judged by whether it answers: the mean of a few small networks.

    One hidden layer each, with tanh. Sums alone do worse: a word that is missing tells much where
    the question asks whether something is so, and next to nothing in a long story.
    """

    def __init__(self, file: IO[bytes]) -> None:
        weights = np.load(file)
        self._mean, self._spread = weights["mean"], weights["spread"]
        self._hidden, self._hidden_bias = weights["hidden"], weights["hidden_bias"]
        self._out, self._out_bias = weights["out"], weights["out_bias"]

    def odds(self, seen: Sequence[float]) -> float:
        """Return the logarithm of the odds for *seen*, as `Weighed.judged_by` has it."""
        normed = (np.array(seen) - self._mean) / self._spread
        hidden = np.tanh(normed @ self._hidden + self._hidden_bias)
        return float(((hidden * self._out).sum(axis=1) + self._out_bias).mean())


with (files(__package__) / "judge.npz").open("rb") as _file:
    JUDGE = Judge(_file)

# All weights were fitted on the questions in tests/sites by tests/sites/fit.py, which prints them, and
# how they do on a site that they were not fitted on. Plain: without vectors.
_RANK = (3.68, 1.16, 2.36, 0.93, 1.56, 4.13, 3.95, 3.75)
_PLAIN_RANK = (4.96, 2.43, 3.87, 1.1)
_PLAIN_ODDS = (-2.52, 3.19, 1.25, 0.81, -2.28, -0.09, 0.58, 0.17, 0.04)


def _sum_of_products(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum((weight * value for weight, value in zip(weights, values, strict=True)), 0.0)


def ahead(ranked: Sequence[Weighed]) -> float:
    """Return how far the first of *ranked* is over the second, as far as a page of nothing else."""
    if not ranked:
        return 0.0
    return ranked[0].rank - (ranked[1].rank if len(ranked) > 1 else 0.0)


def bearings(ranked: Sequence[Weighed]) -> list[Bearing]:
    """Return the bearing of each of *ranked*, the best first, of which none is surer than that one."""
    lead = ahead(ranked)
    if not ranked or ranked[0].odds(lead) <= NEAR_ODDS:
        return ["aside"] * len(ranked)
    best, is_sure = ranked[0].rank, ranked[0].odds(lead) > ANSWERS_ODDS

    def bearing(weighed: Weighed) -> Bearing:
        if is_sure and weighed.odds(lead) > ANSWERS_ODDS and weighed.rank >= SECOND_SHARE * best:
            return "answers"
        return "near" if weighed.rank >= NEAR_SHARE * best else "aside"

    return [bearing(weighed) for weighed in ranked]
