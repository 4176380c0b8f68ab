"""Where a word ends in UTF-8 text."""

from ..sentences import FIRST_UNSPACED


def cut_at_word(text: bytes, pos: int) -> int:
    """
    Return the largest offset up to *pos* at which *text* can be cut without cutting a word.

    Scripts that put no spaces between words are cut between characters.
    """
    if pos >= len(text):
        return len(text)
    if text[pos : pos + 1].isspace():
        return pos
    before = text[:pos].decode(errors="ignore")
    if before and before[-1] >= FIRST_UNSPACED:
        return len(before.encode())
    return max(text.rfind(b" ", 0, pos), text.rfind(b"\n", 0, pos), 0)
