"""Where a word ends in UTF-8 text."""


def cut_at_word(text: bytes, pos: int) -> int:
    """Return the largest offset up to *pos* at which *text* can be cut without cutting a word."""
    if pos >= len(text):
        return len(text)
    if text[pos : pos + 1].isspace():
        return pos
    return max(text.rfind(b" ", 0, pos), text.rfind(b"\n", 0, pos), 0)
