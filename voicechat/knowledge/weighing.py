"""How a passage bears on a question, in numbers, and what they come to: its rank, and whether it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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
    near: tuple[float, ...]
    """How near the question's vector is to that of the heading, of the whole passage, of its nearest
    line with the heading and without; empty where there are no vectors."""

    @property
    def rank(self) -> float:
        return _sum_of_products(_RANK if self.near else _PLAIN_RANK, self.ranked_by)

    def odds(self, ahead: float) -> float:
        """
        Return the logarithm of the odds that the passage answers; over 0: more likely than not.

        *ahead* is how far the rank of the question's first passage is over that of its second.
        """
        return _sum_of_products(_ODDS if self.near else _PLAIN_ODDS, self.judged_by(ahead))

    @property
    def ranked_by(self) -> tuple[float, ...]:
        return (self.covered, self.heading, self.line, self.how_to, *self.near)

    def judged_by(self, ahead: float) -> tuple[float, ...]:
        seen = (self.covered, self.heading, self.whether, self.missing, self.last)
        return (1.0, *seen, self.absent, self.absent_share, ahead, *self.near)


# They were fitted on the questions in tests/sites by tests/sites/fit.py, which prints them, and how
# they do on a site that they were not fitted on. Plain: without vectors.
_RANK = (3.36, 1.9, 2.78, 1.96, 1.16, 3.57, 3.11, 3.33)
_ODDS = (-2.35, 2.07, -0.18, -1.01, -2.07, -0.54, -0.56, -1.36, 0.31, 0.67, 2.34, 2.24, 1.67)
_PLAIN_RANK = (4.85, 2.71, 4.04, 1.96)
_PLAIN_ODDS = (-1.73, 4.28, 1.19, -0.81, -1.82, 0.06, 0.06, -0.64, 0.12)


def _sum_of_products(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum((weight * value for weight, value in zip(weights, values, strict=True)), 0.0)


def ahead(ranked: Sequence[Weighed]) -> float:
    """Return how far the first of *ranked* is over the second, as far as a page of nothing else."""
    if not ranked:
        return 0.0
    return ranked[0].rank - (ranked[1].rank if len(ranked) > 1 else 0.0)
