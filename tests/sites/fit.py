"""
Fits the weights in `voicechat/knowledge/index.py` to the questions of these sites, and prints them.

    python tests/sites/fit.py

Run it after a change to the tables of words or to what is weighed. The first lines say how each
site does with weights fitted on the other ones: that is what a site may expect that nobody here knew.
Without the word vectors: `python tests/sites/fit.py --plain`.
"""

from __future__ import annotations

import json
import sys
from dataclasses import astuple, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voicechat.knowledge.index import Index
from voicechat.knowledge.pages import Page
from voicechat.knowledge.vectors import Vectors
from voicechat.words import asked

HERE = Path(__file__).parent
SITES = ("shop", "dentist", "hotel", "library", "software")
RANKED = ["covered", "heading", "line"]
Numbers = NDArray[np.float64]


@dataclass
class Question:
    site: str
    text: str
    weighed: Numbers
    """A row for each passage: covered, heading, line, missing, last, whether."""
    right: NDArray[np.bool_] | None
    """Which passages answer it; None: none does."""


def pages_of(folder: Path) -> list[Page]:
    files = sorted(folder.glob("*.md"))
    return [Page.parse(PurePosixPath(file.name), file.read_text("utf-8")) for file in files]


def questions(vectors: Vectors | None) -> list[Question]:
    tuned = json.loads((HERE.parent / "questions.json").read_text("utf-8"))["tuned"]
    found = []
    for site in SITES:
        folder = HERE.parents[1] / "voicechat" / "example" if site == "shop" else HERE / site
        table = json.loads((HERE / f"{site}.json").read_text("utf-8"))
        index = Index(pages_of(folder), vectors)
        extra = tuned if site == "shop" else {"answered": [], "unanswered": []}
        for row in table["answered"] + extra["answered"]:
            found.append(_question(site, index, row["question"], row))
        for text in table["unanswered"] + extra["unanswered"]:
            found.append(_question(site, index, text, None))
        index.close()
    return found


def _question(site: str, index: Index, text: str, row: dict[str, Any] | None) -> Question:
    weighed = index.weigh(asked(text))
    right = None
    if row:
        pages = [row["page"]] if isinstance(row["page"], str) else row["page"]
        right = np.array(
            [p.url in pages and row["contains"] in " ".join(s.lines) for _, p, s in weighed], dtype=bool
        )
    rows = np.array([astuple(w) for w, _, _ in weighed], dtype=float).reshape(-1, 6)
    return Question(site, text, rows, right)


def fit_rank(asked_: list[Question]) -> Numbers:
    """Return the weights under which the right passage comes first (softmax over a question's passages)."""
    weights = np.zeros(3)
    known = [(q.weighed[:, :3], q.right) for q in asked_ if q.right is not None and q.right.any()]
    for _ in range(1500):
        slope = 0.002 * len(known) * weights
        for rows, right in known:
            scores = rows @ weights
            chance = np.exp(scores - scores.max())
            chance /= chance.sum()
            wanted = chance * right
            slope += rows.T @ (chance - wanted / wanted.sum())
        weights -= 0.5 * slope / len(known)
    return weights


def fit_odds(asked_: list[Question], rank: Numbers) -> Numbers:
    """Return the weights of a logistic regression: does the first passage answer?"""
    firsts, answers = [], []
    for question in asked_:
        first = best(question, rank)
        if first is not None and (question.right is None or question.right[first]):
            firsts.append(features(question, first))
            answers.append(question.right is not None)
    rows, truth = np.array(firsts), np.array(answers, float)
    mean, spread = rows.mean(0), rows.std(0) + 1e-9
    spread[0], mean[0] = 1, 0
    rows = (rows - mean) / spread
    # A little more for the answerable: a passage wrongly held back is the commoner mistake.
    share = np.where(truth > 0, 0.55 / truth.mean(), 0.45 / (1 - truth.mean()))
    weights = np.zeros(rows.shape[1])
    for _ in range(4000):
        chance = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (share * (chance - truth)) / len(truth) + 0.01 * weights * (np.arange(6) > 0)
        weights -= 0.5 * slope
    weights /= spread
    weights[0] -= weights[1:] @ mean[1:]
    return weights


def best(question: Question, rank: Numbers) -> int | None:
    return int((question.weighed[:, :3] @ rank).argmax()) if len(question.weighed) else None


def features(question: Question, first: int) -> Numbers:
    covered, heading, _, missing, last, whether = question.weighed[first]
    return np.array((1.0, covered, heading, whether, missing, last))


def outcome(asked_: list[Question], rank: Numbers, odds: Numbers, verbose: bool = False) -> str:
    ranked = found = refused = answerable = 0
    for question in asked_:
        first = best(question, rank)
        sure = first is not None and float(features(question, first) @ odds) > 0
        right = question.right is not None and first is not None and bool(question.right[first])
        answerable += question.right is not None
        ranked += right
        found += right and sure
        refused += question.right is None and not sure
        is_wrong = sure if question.right is None else not (right and sure)
        if verbose and is_wrong:
            print(f"    {question.site}: {question.text} ({'sure' if sure else 'unsure'})")
    return (
        f"first {ranked / answerable:4.0%}  found {found / answerable:4.0%}  "
        f"refused {refused / (len(asked_) - answerable):4.0%}"
    )


def main() -> None:
    vectors = None if "--plain" in sys.argv else Vectors.load()
    everything = questions(vectors)
    for site in SITES:
        others = [q for q in everything if q.site != site]
        rank = fit_rank(others)
        own = [q for q in everything if q.site == site]
        print(f"{site:9} unknown: {outcome(own, rank, fit_odds(others, rank), '-v' in sys.argv)}")
    rank = fit_rank(everything)
    odds = fit_odds(everything, rank)
    for site in SITES:
        print(f"{site:9} known:   {outcome([q for q in everything if q.site == site], rank, odds)}")
    print("_RANK", rank.round(2).tolist(), "_ODDS", odds.round(2).tolist())


if __name__ == "__main__":
    main()
