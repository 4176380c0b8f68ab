"""
What a voice reads of a text that is shown, and where each character of it stands there.

Marks of Markdown, blocks of code and emoji are to be seen and not to be heard, and of an address its
host is enough. A text is taken apart as `web/markdown` does it, but for what makes no difference to
the ear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

FENCE = re.compile(r"^[ ]{0,3}(`{3,}|~{3,})", re.MULTILINE)
"""How a line begins that opens or closes a block of code."""

_ASIDE = re.compile(
    r"""
      (?P<code>    ^[ ]{0,3}(?P<fence>`{3,}|~{3,}) .* (?:\n (?s:.*?))??
                   (?: ^[ ]{0,3}(?P=fence)[`~]*[ \t]*$\n? | \Z ))
    | (?P<escape>  \\[!-/:-@\[-`{-~])
    | (?P<entity>  &(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)
    | (?P<link>    !?\[(?P<label>[^\]\n]*)\]\([^)\n]*\))
    | (?P<address> <?\bhttps?://(?:www\.)?(?P<host>[\w.-]*\w)(?::\d+)?(?:[/?\#](?:[^\s<>]*[\w/])?)?>?)
    | (?P<begin>   ^[ \t]*(?:>[ \t]*|(?:\#{1,6}|[-*+]|\d{1,9}[.)])(?:[ \t]+|$))+(?:\[[ xX]\][ \t]+)?)
    | (?P<rule>    ^[ \t]*(?:\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?|[=*_-]{3,})[ \t]*$)
    | (?P<edge>    ^[ \t]*\| | [ \t]*\|[ \t]*$)
    | (?P<cell>    [ \t]*[|→⇒➔➜][ \t]*)
    | (?P<hour>    (?<![\w:.,])(?:[01]?\d|2[0-3]):00(?![\d:]))
    | (?P<mark>    [*`~]+ | (?<!\w)_+ | _+(?!\w))
    | (?P<emoji>   (?: [\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]
                     | [\u200d\u20e3\ufe0e\ufe0f\U000e0020-\U000e007f] )+)
    """,
    re.MULTILINE | re.VERBOSE,
)
"""All that is not read as it stands. What is in several of these belongs to the first."""

FIRST_UNSPACED = "\u2e80"
"""From here on Unicode has the scripts of East Asia: most put no spaces between words."""

_NO_SPACES = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Kana and Han: scripts that put no spaces between words."""

_WIDE_MARKS = r"\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"

_WORD = re.compile(rf"[{_NO_SPACES}]|[^\s{_NO_SPACES}{_WIDE_MARKS}]+")
_SAID = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Spoken:
    text: str
    """What the voice reads."""
    places: tuple[tuple[int, int], ...]
    """Where each character of it stands in the shown text: from which UTF-8 byte to which."""

    def shown(self, start: int, end: int) -> tuple[int, int]:
        """Return from which byte to which the characters from *start* to *end* are shown."""
        return self.places[start][0], self.places[end - 1][1]

    def words(self) -> Iterator[tuple[int, int]]:
        """Yield from which character to which each word goes, as `word_spans` has them."""
        return word_spans(self.text)


def word_spans(text: str) -> Iterator[tuple[int, int]]:
    """
    Yield from which character of *text* to which each word goes: of scripts without spaces, each character.

    Marks go with the word that they stand at.
    """
    for found in _WORD.finditer(text):
        if _SAID.search(found.group()):
            yield found.span()


def spoken(shown: str, *, begins_line: bool = True) -> Spoken:
    """Return what of *shown* is read; *begins_line*: whether it stands at the beginning of a line."""
    text: list[str] = []
    places: list[tuple[int, int]] = []
    for character, place in _squeezed(_said(shown, begins_line)):
        text.append(character)
        places.append(place)
    return Spoken("".join(text), tuple(places))


_Said = Iterator[tuple[str, tuple[int, int]]]
"""Characters, each with its place."""


def _said(shown: str, begins_line: bool) -> _Said:
    # With something before it, what begins a line is none.
    text, at = (shown, 0) if begins_line else (f".{shown}", 1)
    byte = 0
    for aside in _ASIDE.finditer(text, at):
        before = text[at : aside.start()]
        yield from _copied(before, byte)
        byte += len(before.encode())
        yield from _read(aside, byte)
        byte += len(aside.group().encode())
        at = aside.end()
    yield from _copied(text[at:], byte)


def _read(aside: re.Match[str], byte: int) -> _Said:
    """Yield what is read of *aside*, which begins at *byte*."""
    kind = aside.lastgroup
    match kind:
        case "escape":
            yield from _copied(aside.group()[1:], byte + 1)
        case "entity":
            place = byte, byte + len(aside.group())
            yield from ((character, place) for character in unescape(aside.group()))
        case "link" | "address":
            part = "label" if kind == "link" else "host"
            before = aside.string[aside.start() : aside.start(part)]
            # A label may hold marks of its own.
            inner = spoken(aside[part], begins_line=False)
            offset = byte + len(before.encode())
            for character, (start, end) in zip(inner.text, inner.places, strict=True):
                yield character, (offset + start, offset + end)
        case "hour":
            # Voices say "nine zero zero"; the hour alone is understood in every language.
            *most, (last, (start, _)) = _copied(aside.group()[:-3], byte)
            yield from most
            yield last, (start, byte + len(aside.group()))
        case "cell":
            # A pause, as between the members of a list.
            yield from ((character, (byte, byte)) for character in ", ")
        case "code" | "rule" | "emoji":
            yield " ", (byte, byte)


def _copied(text: str, byte: int) -> _Said:
    for character in text:
        end = byte + len(character.encode())
        yield character, (byte, end)
        byte = end


def _squeezed(said: _Said) -> _Said:
    """Yield *said* with one space for each white space within, and a stop where a line has none."""
    gap: tuple[int, int] | None = None
    is_line = False
    last = ""
    for character, place in said:
        if character.isspace():
            gap, is_line = gap or place, is_line or character == "\n"
            continue
        if gap and last:
            if is_line and last.isalnum():
                yield ".", (gap[0], gap[0])
            yield " ", gap
        yield character, place
        gap, is_line, last = None, False, character
