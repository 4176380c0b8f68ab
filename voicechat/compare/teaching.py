"""What a reader has to know first: the two modes, the stages, and how to read the pictures."""

from __future__ import annotations

from .sequence import drawing

MODES_TOLD = f"""<h2 id="modes">The two modes</h2>
<p>A visitor asks by keyboard or by voice, and gets an answer to read and to hear.
On the server the same work is done for both modes: it <em>hears</em> the recording, <em>writes</em> the
answer, and <em>speaks</em> it sentence by sentence.
They differ in how question and answer travel.</p>
<p><b class="v1">v1</b> is one HTTP request and one reply.
The page sends the whole question, and the server replies when all is done: text and sound come together.
Any program that can send a request can use it.</p>
<p><b class="v2">v2</b> is a WebSocket, a line that stays open both ways.
Sound goes up while you speak; and what was heard, each word and each piece of speech come down when they are
there.</p>
<div class="two">
<figure><figcaption><b class="v1">v1</b>: all of the question, then all of the answer</figcaption>
{drawing("v1")}</figure>
<figure><figcaption><b class="v2">v2</b>: each part when it is there</figcaption>
{drawing("v2")}</figure>
</div>
<p class="aside">A spoken question, time running downwards.
The drawings show the order, not measured lengths.</p>
"""

STAGES_TOLD = (
    (
        "Upload done",
        "All of the question has left.",
        "A typed question, or the whole recording in base64, leaves once you have asked.",
        "A typed question leaves at once; of a spoken one only the last tenth of a second is left to send.",
    ),
    (
        "Hearing",
        "What you said has come back as text.",
        "It stands in the reply.",
        "It comes by itself, as soon as it was heard.",
    ),
    (
        "First text",
        "The first words of the answer can be read.",
        "They stand in the reply.",
        "They come as they are written.",
    ),
    (
        "First clause",
        "The first clause is written, and its speaking can begin.",
        "Not told: all of the text is spoken in one go.",
        "While the rest is still written; the server says when.",
    ),
    ("Whole text", "All of it can be read.", "The same moment.", "When the last word was written."),
    (
        "First sound",
        "The answer can begin to sound.",
        "The reply holds the sound as one MP3.",
        "When the first piece of the first sentence was spoken.",
    ),
    (
        "First audible",
        "The first sample that can be heard, where each piece is played as soon as it can be.",
        "Behind the silence with which the MP3 begins.",
        "Behind the silence with which the voice begins.",
    ),
    (
        "Whole sound",
        "All sound is there; it goes on playing for as long as it lasts.",
        "The same moment.",
        "When the last piece was spoken.",
    ),
    (
        "Voice to voice",
        "From the last sample of yours that can be heard to the first one of the answer.",
        "All of the above one after the other.",
        "With what is done at the same time counted once.",
    ),
)


def stages_table() -> str:
    # Roles are told, because on phones this table is laid out as blocks.
    lines = "".join(
        f'<tr role="row"><th role="rowheader" scope="row">{stage}</th><td role="cell">{what}</td>'
        f'<td role="cell" data-of="v1">{one}</td><td role="cell" data-of="v2">{two}</td></tr>\n'
        for stage, what, one, two in STAGES_TOLD
    )
    heads = "".join(
        f'<th role="columnheader" scope="col">{head}</th>'
        for head in ("Stage", "What it is", "In v1", "In v2")
    )
    return (
        '<h2 id="stages">The stages</h2>\n<table class="words" role="table">'
        "<caption>What is timed, from the moment at which you have asked</caption>"
        f'<thead><tr role="row">{heads}</tr></thead>\n<tbody>{lines}</tbody></table>'
    )


_SIGNS = {
    "you speak": "".join(
        f'<line class="voice" x1="{x}" x2="{x}" y1="{8 - half}" y2="{8 + half}"/>'
        for x, half in ((4, 3), (10, 6), (16, 4), (22, 7), (28, 3))
    ),
    "nothing of it yet": '<rect class="wait" width="34" height="4" y="6" rx="2"/>',
    "it goes up, or comes down": '<rect class="come" width="34" height="12" y="2" rx="2"/>',
    "on text, the first clause; on sound, the first audible sample": (
        '<circle class="dot" cx="17" cy="8" r="4"/>'
    ),
    "the middle half of the times: above, of when it began; below, of when it ended": (
        '<path class="whisker" d="M2 8H32M2 5v6M32 5v6"/>'
    ),
}

KEY = "".join(
    [
        '<ul class="key">',
        *(
            f'<li><svg width="34" height="16" aria-hidden="true">{sign}</svg>{words}</li>'
            for words, sign in _SIGNS.items()
        ),
        "</ul>",
    ]
)
