"""One Markdown page: its title, its address and its sections as plain text. No files here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.token import Token

MAX_PASSAGE_CHARS = 600
"""A passage is cut between two sentences before it grows longer: some forty seconds of speech."""

# With HTML told apart from text, so that no tag of it is quoted to a visitor.
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_FRONT_MATTER = re.compile(r"\A---\n(.*?\n)??---\n", re.DOTALL)
_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)
_SENTENCE_END = re.compile(r"([.!?…][\"'”’)]*)\s+(?=[^\W\d_]|[\d\"'“‘(£$€¿¡])")


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a page under one heading."""

    heading: str
    """The page's title where it stands under none."""
    above: str
    """The headings over that one, the page's title first."""
    lines: tuple[str, ...]
    """A sentence, list item or table row each, at least one; none longer than `MAX_PASSAGE_CHARS`."""


@dataclass(frozen=True, slots=True)
class Page:
    url: str
    """The path on the site: `/returns` for `returns.md`, `/` for `index.md`; a link takes it `encoded`."""
    title: str
    """Its first heading of the first level, else its file's name."""
    markdown: str
    sections: tuple[Section, ...]
    links: tuple[str, ...] = ()
    """Where its links lead, in order."""

    @classmethod
    def parse(cls, path: PurePosixPath, markdown: str) -> Page:
        """Read the page whose file is *path* in its folder."""
        front = _FRONT_MATTER.match(markdown)
        named = front and _TITLE.search(front.group())
        markdown = markdown[front.end() :] if front else markdown
        tokens = _MARKDOWN.parse(markdown)
        blocks = list(_blocks(tokens))
        title = next((text for level, text in blocks if level == 1), None)
        title = title or (named.group(1) if named else _named(path))
        return cls(_url(path), title, markdown, tuple(_sections(title, blocks)), tuple(_links(tokens)))


def _url(path: PurePosixPath) -> str:
    parts = path.with_suffix("").parts
    return "/" + "/".join(parts[:-1] if parts[-1] == "index" else parts)


def encoded(path: str) -> str:
    """Return *path* as it stands in an address, so that a link to it works from any site (RFC 3986, 3.3)."""
    return quote(path, safe="/!$&'()*+,;=:@")


def _named(path: PurePosixPath) -> str:
    return path.stem.replace("-", " ").replace("_", " ").strip().capitalize() or path.name


def _blocks(tokens: Iterable[Token]) -> Iterator[tuple[int, str]]:
    """Yield (level, text) of headings and (0, text) of paragraphs, list items and table rows."""
    level, title, heading = 0, "", ""
    columns, cells = list[str](), list[str]()
    in_head = in_cell = False
    for token in tokens:
        match token.type:
            case "heading_open":
                level = int(token.tag[1:])
            case "heading_close":
                level = 0
            case "thead_open" | "thead_close":
                in_head = token.type == "thead_open"
            case "tr_open":
                cells = []
            case "th_open" | "td_open" | "th_close" | "td_close":
                in_cell = token.type.endswith("open")
            case "tr_close" if in_head:
                # "Sunday: 11:00 to 16:00" under "Opening hours" needs no "Opening hours" before the times.
                columns = [
                    "" if name.casefold() in f"{title} {heading}".casefold() else name for name in cells
                ]
            case "tr_close" if any(cells):
                yield 0, _row(columns, cells)
            case "inline" if in_cell:
                cells.append(_plain(token.children or ()))
            case "inline" if level == 0 and _only_links(token.children or ()):
                pass  # the way to other pages, and no answer
            case "inline":
                text = _plain(token.children or ())
                if level == 1:
                    title, heading = text, ""
                elif level:
                    heading = text
                yield level, text
            case "fence" | "code_block":
                yield 0, " ".join(token.content.split())


def _links(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open":
                yield str(child.attrGet("href"))


def _only_links(children: Iterable[Token]) -> bool:
    inside, links = 0, 0
    for child in children:
        inside += child.nesting if child.type.startswith("link_") else 0
        links += child.type == "link_open"
        if not inside and any(c.isalnum() for c in child.content):
            return False
    return links > 0


def _row(columns: list[str], cells: list[str]) -> str:
    """Say a table's row as a person would: `Earl Grey: Taste bergamot, Price per 100 g £7.20.`"""
    first, *others = cells
    said = [f"{name} {cell}".strip() for name, cell in zip(columns[1:], others, strict=False) if cell]
    return f"{first}: {', '.join(said)}." if first and said else f"{first or ', '.join(said)}."


def _plain(children: Iterable[Token]) -> str:
    parts = []
    for child in children:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return " ".join("".join(parts).split())


def _sections(title: str, blocks: list[tuple[int, str]]) -> Iterator[Section]:
    """Gather the lines under each heading; a long section becomes several of the same heading."""
    above: dict[int, str] = {1: title}
    heading, lines, size = title, list[str](), 0
    for level, text in [*blocks, (1, "")]:
        if level:
            if lines:
                yield Section(heading, _over(above, heading), tuple(lines))
            above = {depth: name for depth, name in above.items() if depth < level} | {level: text}
            heading, lines, size = text, [], 0
            continue
        for line in _lines(text):
            if size + len(line) > MAX_PASSAGE_CHARS and lines:
                yield Section(heading, _over(above, heading), tuple(lines))
                lines, size = [], 0
            lines.append(line)
            size += len(line) + 1


def _over(above: dict[int, str], heading: str) -> str:
    return " ".join(name for _, name in sorted(above.items()) if name != heading)


def _lines(text: str) -> Iterator[str]:
    """Cut *text* into sentences, and what is longer than a passage wherever it must be."""
    for sentence in _SENTENCE_END.sub(r"\1\n", text).splitlines():
        for start in range(0, len(sentence), MAX_PASSAGE_CHARS):
            if line := sentence[start : start + MAX_PASSAGE_CHARS].strip():
                yield line
