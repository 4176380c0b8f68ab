"""What `make readme` writes into README."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.make import as_markdown, renewed
from voicechat.compare.asks import STAGES

README = Path(__file__).parents[1] / "README.md"


def mode(**medians: float) -> dict[str, object]:
    spreads = {name: {"median": median, "count": 15} for name, median in medians.items()}
    return {"times": dict.fromkeys(STAGES) | spreads}


def test_the_table_has_a_row_for_each_stage_and_says_where_it_was_measured() -> None:
    spoken = {"v1": mode(first_text=1.506), "v2": mode(transcript=0.5, first_text=0.6)}
    lines = as_markdown(
        {
            "started": "2026-01-02 03:04 UTC+0000",
            "conditions": {"Machine": "Linux x86_64, 2 processors"},
            "runs": [{"kinds": {"spoken": spoken}}],
        }
    ).split("\n")
    assert "| first text | 1.51 | 0.60 |" in lines and "| hearing | – | 0.50 |" in lines
    assert len(lines) == 2 + len(STAGES) + 3
    assert all(words in lines[-2] for words in ("15 spoken questions", "2026-01-02", "2 processors"))


def test_only_what_stands_between_the_marks_is_renewed() -> None:
    before = README.read_text("utf-8")
    once = renewed(before, "| a | b |\n")
    assert "| a | b |" in once and renewed(once, "| a | b |\n") == once
    assert once.partition("<!-- made")[0] == before.partition("<!-- made")[0]
    assert once.partition("<!-- end")[2] == before.partition("<!-- end")[2]


def test_a_readme_without_the_marks_is_told() -> None:
    with pytest.raises(SystemExit, match="lacks the lines"):
        renewed("# voicechat\n", "| a | b |\n")
