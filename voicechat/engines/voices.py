"""Which voice speaks which language."""

from __future__ import annotations

from ..config import Tts


class Voices:
    """Those that *settings* name: one for each language of theirs, and one for all others."""

    def __init__(self, settings: Tts) -> None:
        self._usual = settings.voice
        self._by_language = {language.lower(): voice for language, voice in map(_split, settings.voices)}

    def of(self, language: str | None) -> str:
        """
        Return the voice for *language*, BCP 47: that of the most specific tag which there is one for.

        As in RFC 4647, section 3.4: the tag loses its last part until it is found, so `de-AT` finds `de`.
        """
        parts = (language or "").lower().split("-")
        while parts:
            if (voice := self._by_language.get("-".join(parts))) is not None:
                return voice
            parts.pop()
            if parts and len(parts[-1]) == 1:  # it only introduces what came behind it
                parts.pop()
        return self._usual

    def by_language(self) -> tuple[str, ...]:
        """Return those that speak a language of their own."""
        return tuple(dict.fromkeys(self._by_language.values()))


def _split(entry: str) -> tuple[str, str]:
    language, _, voice = entry.partition("=")
    return language, voice
