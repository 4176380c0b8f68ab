"""
Fits the weights of `voicechat/knowledge/weighing.py` to the questions of these sites.

    pip install scikit-learn
    python tests/sites/fit.py

It prints the ranks' weights, to be copied, and writes the judge's file. Run it after a change to the
tables of words or to what is weighed. The first lines say how each site does with weights fitted on
the other ones: that is what a site may expect that nobody here knew. "Told": the right passage came
first and was taken for an answer. "Refused": nothing was, where nothing answers.
Without the vectors: `python tests/sites/fit.py --plain`; what goes wrong, too: `-v`.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from voicechat.knowledge.index import Index
from voicechat.knowledge.pages import Page
from voicechat.knowledge.vectors import Vectors
from voicechat.knowledge.weighing import ANSWERS_ODDS, Judge, Weighed
from voicechat.words import asked

HERE = Path(__file__).parent
SITES = ("shop", *sorted(folder.name for folder in HERE.iterdir() if folder.is_dir()))
JUDGE_FILE = HERE.parents[1] / "voicechat" / "knowledge" / "judge.npz"
HIDDEN, NETWORKS = 12, 4
AMONG = 3
"""Passages that are quoted where none answers for certain."""

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
        chatty = table.get("chatty", {"answered": [], "unanswered": []})
        for part, times in ((table, 1), (chatty, CHATTY_TIMES), (tuned, int(site == "shop"))):
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


def fit_odds(asked_: list[Question], rank: Numbers) -> Odds:
    """Return what tells, from what a first passage is judged by, whether it answers."""
    seen, answers = [], []
    for question in asked_:
        first, features = best(question, rank)
        if first is not None and (question.right is None or question.right[first]):
            seen.append(features)
            answers.append(question.right is not None)
    rows, truth = np.array(seen), np.array(answers)
    if not asked_[0].weighed[0].near:
        line = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, class_weight="balanced")).fit(
            rows, truth
        )
        return PlainOdds(line[0], line[1])
    scaler = StandardScaler().fit(rows)
    return JudgeOdds(scaler, [_network(seed).fit(scaler.transform(rows), truth) for seed in range(NETWORKS)])


def _network(seed: int) -> MLPClassifier:
    return MLPClassifier(
        (HIDDEN,), activation="tanh", alpha=0.5, learning_rate_init=0.003, max_iter=300, random_state=seed
    )


class PlainOdds:
    """A sum of products, for a site without vectors."""

    def __init__(self, scaler: StandardScaler, line: LogisticRegression) -> None:
        weights = line.coef_[0] / scaler.scale_
        self.weights = (float(line.intercept_[0] - weights @ scaler.mean_), *weights.tolist())

    def __call__(self, seen: Numbers) -> float:
        return float(np.dot(self.weights, (1.0, *seen)))

    def keep(self) -> None:
        print(f"_PLAIN_ODDS = {tuple(round(weight, 2) for weight in self.weights)}")


class JudgeOdds:
    """The networks of `Judge`, which are written into its file."""

    def __init__(self, scaler: StandardScaler, networks: Sequence[MLPClassifier]) -> None:
        self._file = io.BytesIO()
        arrays = {
            "mean": scaler.mean_,
            "spread": scaler.scale_,
            "hidden": np.stack([network.coefs_[0] for network in networks]),
            "hidden_bias": np.stack([network.intercepts_[0] for network in networks]),
            "out": np.stack([network.coefs_[1][:, 0] for network in networks]),
            "out_bias": np.stack([network.intercepts_[1][0] for network in networks]),
        }
        np.savez(self._file, **{name: array.astype(np.float32) for name, array in arrays.items()})
        self._file.seek(0)
        self.judge = Judge(self._file)

    def __call__(self, seen: Numbers) -> float:
        return self.judge.odds(seen.tolist())

    def keep(self) -> None:
        JUDGE_FILE.write_bytes(self._file.getvalue())
        print(f"{JUDGE_FILE.name}: {len(self._file.getvalue()):,} bytes")


Odds = PlainOdds | JudgeOdds


def best(question: Question, rank: Numbers) -> tuple[int | None, Numbers]:
    """Return which passage comes first, and what it is judged by."""
    if not question.weighed:
        return None, np.zeros(0)
    scores = question.rows @ rank
    first = int(scores.argmax())
    second = np.sort(scores)[-2] if len(scores) > 1 else 0.0
    return first, np.array(question.weighed[first].judged_by(float(scores[first] - second)))


def outcome(asked_: list[Question], rank: Numbers, odds: Odds, verbose: bool = False) -> str:
    first = among = told = refused = 0
    answerable = [question for question in asked_ if question.right is not None]
    for question in asked_:
        best_one, features = best(question, rank)
        is_sure = best_one is not None and odds(features) > ANSWERS_ODDS
        is_right = False
        if question.right is not None and best_one is not None:
            is_right = bool(question.right[best_one])
            among += bool(question.right[np.argsort(-(question.rows @ rank))[:AMONG]].any())
        first += is_right
        told += is_right and is_sure
        refused += question.right is None and not is_sure
        if verbose and is_sure != is_right:
            print(f"    {question.site}: {question.text} ({is_sure=}, {is_right=})")
    return (
        f"first {first / len(answerable):4.0%}  among {AMONG} {among / len(answerable):4.0%}  "
        f"told {told / len(answerable):4.0%}  refused {refused / (len(asked_) - len(answerable)):4.0%}"
    )


def main() -> None:
    vectors = None if "--plain" in sys.argv else Vectors.load()
    everything = questions(vectors)
    for site in SITES:
        others = [q for q in everything if q.site != site]
        rank = fit_rank(others)
        own = [q for q in everything if q.site == site]
        print(f"{site:9} unknown: {outcome(own, rank, fit_odds(others, rank), '-v' in sys.argv)}", flush=True)
    rank = fit_rank(everything)
    odds = fit_odds(everything, rank)
    for site in SITES:
        print(f"{site:9} known:   {outcome([q for q in everything if q.site == site], rank, odds)}")
    print(f"{'' if vectors else '_PLAIN'}_RANK = {tuple(rank.round(2).tolist())}")
    odds.keep()


if __name__ == "__main__":
    main()
