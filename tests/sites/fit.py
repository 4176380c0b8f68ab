"""
Fits the weights in `voicechat/knowledge/weighing.py` to the questions of these sites, and prints them.

    python tests/sites/fit.py

Run it after a change to the tables of words or to what is weighed. The first lines say how each
site does with weights fitted on the other ones: that is what a site may expect that nobody here knew.
Without the vectors: `python tests/sites/fit.py --plain`; what goes wrong, too: `-v`.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voicechat.knowledge.index import Index
from voicechat.knowledge.pages import Page
from voicechat.knowledge.vectors import Vectors
from voicechat.knowledge.weighing import Weighed
from voicechat.words import asked

HERE = Path(__file__).parent
SITES = ("shop", "dentist", "hotel", "library", "software")
ANSWERABLE_SHARE = 0.54
"""What the answerable weigh together: a passage wrongly held back is the commoner mistake."""

CHATTY_TIMES = 2
"""The tables of synonyms grew with the other questions, so these say better how the next site fares."""

Numbers = NDArray[np.float64]


@dataclass
class Question:
    site: str
    text: str
    weighed: list[Weighed]
    rows: Numbers
    """What each passage is ranked by, a row each."""
    right: NDArray[np.bool_] | None
    """Which passages answer it; None: none does."""


def pages_of(folder: Path) -> list[Page]:
    files = sorted(folder.glob("*.md"))
    return [Page.parse(PurePosixPath(file.name), file.read_text("utf-8")) for file in files]


def questions(vectors: Vectors | None) -> list[Question]:
    """Return all questions; the chatty ones count `CHATTY_TIMES`."""
    tuned = json.loads((HERE.parent / "questions.json").read_text("utf-8"))["tuned"]
    found = []
    for site in SITES:
        folder = HERE.parents[1] / "voicechat" / "example" if site == "shop" else HERE / site
        table = json.loads((HERE / f"{site}.json").read_text("utf-8"))
        index = Index(pages_of(folder), vectors)
        for part, times in ((table, 1), (table["chatty"], CHATTY_TIMES), (tuned, int(site == "shop"))):
            rows = [_question(site, index, row["question"], row) for row in part["answered"]]
            rows += [_question(site, index, text, None) for text in part["unanswered"]]
            found += rows * times
        index.close()
    return found


def _question(site: str, index: Index, text: str, row: dict[str, Any] | None) -> Question:
    found = index.weigh(asked(text))
    right = None
    if row:
        pages = [row["page"]] if isinstance(row["page"], str) else row["page"]
        right = np.array([p.url in pages and row["contains"] in " ".join(s.lines) for _, p, s in found], bool)
    weighed = [w for w, _, _ in found]
    return Question(site, text, weighed, np.array([w.ranked_by for w in weighed]), right)


def fit_rank(asked_: list[Question]) -> Numbers:
    """Return the weights under which the right passage comes first (softmax over a question's passages)."""
    known = [(q.rows, q.right) for q in asked_ if q.right is not None and q.right.any()]
    starts = np.cumsum([0, *(len(rows) for rows, _ in known)])[:-1]
    rows = np.concatenate([rows for rows, _ in known])
    right = np.concatenate([right for _, right in known])
    of = np.repeat(np.arange(len(known)), [len(rows) for rows, _ in known])
    weights = speed = np.zeros(rows.shape[1])
    for _ in range(1200):
        scores = rows @ weights
        chance = np.exp(scores - np.maximum.reduceat(scores, starts)[of])
        chance /= np.add.reduceat(chance, starts)[of]
        wanted = chance * right
        wanted /= np.add.reduceat(wanted, starts)[of]
        slope = rows.T @ (chance - wanted) / len(known) + 0.002 * weights
        speed = 0.9 * speed - 0.3 * slope
        weights = weights + speed
    return weights


def fit_odds(asked_: list[Question], rank: Numbers) -> Numbers:
    """Return the weights of a logistic regression: does the first passage answer?"""
    seen, answers = [], []
    for question in asked_:
        first, features = best(question, rank)
        if first is not None and (question.right is None or question.right[first]):
            seen.append(features)
            answers.append(question.right is not None)
    rows, truth = np.array(seen), np.array(answers, float)
    mean, spread = rows.mean(0), rows.std(0) + 1e-9
    spread[0], mean[0] = 1, 0
    rows = (rows - mean) / spread
    share = np.where(truth > 0, ANSWERABLE_SHARE / truth.mean(), (1 - ANSWERABLE_SHARE) / (1 - truth.mean()))
    held = 0.01 * (np.arange(rows.shape[1]) > 0)
    weights = speed = np.zeros(rows.shape[1])
    for _ in range(2000):
        chance = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (share * (chance - truth)) / len(truth) + held * weights
        speed = 0.9 * speed - 0.3 * slope
        weights = weights + speed
    odds: Numbers = weights / spread
    odds[0] -= odds[1:] @ mean[1:]
    return odds


def best(question: Question, rank: Numbers) -> tuple[int | None, Numbers]:
    """Return which passage comes first, and what it is judged by."""
    if not question.weighed:
        return None, np.zeros(0)
    scores = question.rows @ rank
    first = int(scores.argmax())
    second = np.sort(scores)[-2] if len(scores) > 1 else 0.0
    return first, np.array(question.weighed[first].judged_by(float(scores[first] - second)))


def outcome(asked_: list[Question], rank: Numbers, odds: Numbers, verbose: bool = False) -> str:
    ranked = found = refused = answerable = 0
    for question in asked_:
        first, features = best(question, rank)
        sure = first is not None and float(features @ odds) > 0
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
    plain = "" if vectors else "_PLAIN"
    print(f"{plain}_RANK = {tuple(rank.round(2).tolist())}")
    print(f"{plain}_ODDS = {tuple(odds.round(2).tolist())}")


if __name__ == "__main__":
    main()
