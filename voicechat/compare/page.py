"""
The page: one file that asks for nothing else, to be read from top to bottom.

What is told about the modes stands in `teaching`, what follows from the numbers in `why`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape

from .asks import Pair, Report, Run
from .picture import bytes_picture, waterfall_picture
from .style import CSS
from .table import HEAD, rows
from .teaching import KEY, MODES_TOLD, stages_table
from .units import seconds
from .waterfall import waterfall
from .why import in_short, why

TITLE = "v1 and v2, measured"


def page(report: Report) -> str:
    """Return *report* as HTML."""
    digest = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()
    body = "\n".join([*_top(report), MODES_TOLD, stages_table(), *_measured(report), *_conditions(report)])
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" \
content="default-src 'none'; style-src 'sha256-{digest}'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{TITLE}</title>
<style>{CSS}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def _top(report: Report) -> Iterator[str]:
    yield f"<h1>{TITLE}</h1>"
    yield (
        '<p class="lead">The same questions, asked over one HTTP request (<b class="v1">v1</b>) and over a '
        'WebSocket (<b class="v2">v2</b>): how long a visitor waits until there is something to read and '
        "to hear, and why.</p>"
    )
    cards = [_card(run, pair) for run in report.runs for pair in run.pairs() if pair.is_whole]
    if cards:
        yield f'<ul class="short">{"".join(cards)}</ul>'
    yield (
        f'<p class="aside">Medians, in seconds after the visitor asked, measured on '
        f"{escape(report.started)}. Each question was asked {_times(report.times)} in each "
        "mode.</p>"
    )
    yield from (f'<p class="aside">{escape(note)}</p>' for note in report.notes)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _card(run: Run, pair: Pair) -> str:
    lines = ""
    last = ("voice_to_voice", "Voice to voice") if pair.kind == "spoken" else ("first_sound", "First sound")
    for name, words in (("first_text", "First words"), last):
        one, two = pair.v1.times[name], pair.v2.times[name]
        if one is not None and two is not None:
            lines += (
                f'<dt>{words}</dt><dd class="v1"><small>v1</small> {seconds(one.median)}</dd>'
                f'<dd class="v2"><small>v2</small> {seconds(two.median)}</dd>'
            )
    return f"<li><p>{escape(run.title)}, {pair.kind}</p><dl>{lines}</dl></li>"


def _measured(report: Report) -> Iterator[str]:
    yield '<h2 id="measured">What was measured</h2>'
    yield (
        "<p>In each picture v1 stands above v2, on the same axis of time. At 0 the visitor has asked: the "
        "question is typed and sent, or the last word is spoken. What is left of 0 is the speaking "
        "itself.</p>"
    )
    yield KEY
    for number, run in enumerate(report.runs, 1):
        yield f'<section aria-labelledby="run-{number}">'
        yield f'<h3 id="run-{number}">{escape(run.title)}</h3>'
        yield f'<ul class="engines">{"".join(f"<li>{escape(line)}</li>" for line in run.engines)}</ul>'
        for pair in run.pairs():
            yield from _pair(run, pair)
        yield "</section>"


def _pair(run: Run, pair: Pair) -> Iterator[str]:
    name = f"{pair.kind.capitalize()} questions"
    yield f"<h4>{name}</h4>"
    yield from (
        f"<p>{len(summary.failures)} of {len(summary.failures) + summary.count} failed in {summary.mode}, "
        f"such as: {escape(summary.failures[0])}</p>"
        for summary in pair.modes
        if summary.failures
    )
    if pair.is_whole:
        yield f"<figure><figcaption>{in_short(pair)}</figcaption>"
        yield waterfall_picture(waterfall(pair))
        yield "</figure>"
        yield "<figure><figcaption>Bytes each way, of one question and its answer.</figcaption>"
        yield f"{bytes_picture(pair)}</figure>"
        told = why(pair).items()
        lines = (f"<dt>{topic}</dt><dd>{escape(sentences)}</dd>" for topic, sentences in told)
        yield f'<h5>Why</h5>\n<dl class="why">{"".join(lines)}</dl>'
        yield _table(run, pair)


def _table(run: Run, pair: Pair) -> str:
    """Return the numbers of the pictures; it can be scrolled by keyboard where it is too wide."""
    caption = (
        f"{run.title}, {pair.kind}: medians of {pair.v1.count} answers in v1 and {pair.v2.count} in v2, and "
        "the middle half of them; seconds after the visitor asked, and bytes."
    )
    head = "".join(f'<th scope="col">{text or "Stage"}</th>' for text in HEAD)
    lines = []
    for stage, *cells in rows(pair):
        spreads = [' class="spread"' if column in (1, 3) else "" for column in range(len(cells))]
        data = "".join(f"<td{look}>{cell}</td>" for look, cell in zip(spreads, cells, strict=True))
        lines.append(f'<tr><th scope="row">{stage}</th>{data}</tr>')
    label = f"Numbers: {run.title}, {pair.kind}"
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(label)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _conditions(report: Report) -> Iterator[str]:
    yield '<h2 id="how">How it was measured</h2>'
    yield (
        "<p>Each question had a chat of its own, and its connection stood before it was asked, as it does on "
        "a page that is open. The modes took turns. One question of each kind was asked before and is not "
        "counted, so that nothing waits for models to load.</p>"
        "<p>A spoken question was the same sound for both modes, 16,000 samples of 16 bits a second; in v2 "
        "it went up at the pace at which it was spoken. Bytes are those of the bodies in v1 and of the "
        "messages in v2, word of how much was heard among them; what HTTP and the WebSocket put around them "
        "is not counted.</p>"
        "<p>Nothing was played: the first audible sample is the one that would have sounded first, had each "
        "piece been played as soon as it was there. A sample is audible where it is louder than a fiftieth "
        "of the loudest one.</p>"
        "<p>Each ask in v1 was held against its twin in v2. A time is called longer or shorter where it was "
        "so in the whole middle half of these pairs, and by 20 ms or more in the middle one. It is called "
        "alike where the middle difference is smaller, and unclear where some pairs went one way and some "
        "the other.</p>"
    )
    lines = [f'<tr><th scope="row">{escape(k)}</th><td>{escape(v)}</td></tr>' for k, v in _facts(report)]
    yield (
        '<table class="words" role="table"><caption>Conditions</caption>'
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    yield from report.conditions.items()
    for kind, texts in report.questions.items():
        yield f"Questions, {kind}", " · ".join(texts)
