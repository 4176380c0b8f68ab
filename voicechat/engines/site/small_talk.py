"""What visitors say beside questions: greetings, thanks, who are you."""

from __future__ import annotations

import re
from typing import Literal

from ...words import words

Kind = Literal["greeting", "thanks", "farewell", "well", "who", "offer"]

MAX_CHARS = 200
"""What is longer is no small talk."""

_MACHINE = (
    "robots?|bots?|chatbots?|humans?|persons?|people|ai|machines?|computers?|programs?"
    "|chatgpt|gpt|language models?|llm"
)

# Each must be all that is said: "hello, do you take cash" is a question. Folded, without punctuation.
_SAID: dict[Kind, str] = {
    "greeting": r"""
        (?:hi|hiya|hello|hey|good\ (?:morning|afternoon|evening|day)|hallo|moin|servus|gruss\ gott
        |guten\ (?:tag|morgen|abend)|bonjour|bonsoir|salut|hola|buenos\ dias|buenas(?:\ tardes|\ noches)?)
        (?:\ (?:there|all|everyone|you|again|zusammen))?
    """,
    "thanks": r"""
        (?:(?:ok|okay|great|perfect|good|super|cool|no|yes|ah|oh|alright|wonderful)\ )*
        (?:thanks|thank\ you|thankyou|thx|cheers|ta|danke|vielen\ dank|merci|gracias|muchas\ gracias)
        (?:\ (?:a\ lot|lots|so\ much|very\ much|again|bye|schon|sehr|beaucoup|that\ help(?:s|ed)|thats\ all
        |that\ is\ all|for\ (?:your|the)\ help))*
    """,
    "farewell": r"""
        (?:(?:ok|okay)\ )?(?:good\ ?bye|bye|bye\ bye|see\ you(?:\ later|\ soon)?|tschuss|auf\ wiedersehen
        |au\ revoir|adios)
    """,
    "well": r"""
        (?:and\ )?how\ are\ you(?:\ doing)?(?:\ today)?|hows\ it\ going|how\ is\ it\ going
        |wie\ gehts(?:\ dir|\ ihnen)?|ca\ va|que\ tal
    """,
    "who": rf"""
        (?:(?:so|and|but)\ )?(?:who|what)\ are\ you(?:\ really|\ exactly)?|what(?:s|\ is)\ your\ name
        |who\ am\ i\ (?:talking|speaking|chatting)\ (?:to|with)
        |(?:.{{1,20}}\ )?
         (?:are\ you|you\ are|youre|r\ u|is\ this|am\ i\ (?:talking|speaking|chatting)\ (?:to|with))
         (?:\ (?:a|an|the|really|actually|just|some\ kind\ of))*
         \ (?:real|{_MACHINE})(?:\ (?:or|not|a|an|real|{_MACHINE}))*
        |(?:wer|was)\ (?:bist\ du|sind\ sie)|qui\ (?:es\ tu|etes\ vous)|quien\ (?:eres|es\ usted)
        |(?:bist\ du|sind\ sie)\ (?:ein\ |eine\ )?(?:echter?\ )?
         (?:mensch|roboter|bot|ki|maschine|computer|person)
        |(?:es\ tu|etes\ vous)\ (?:un\ |une\ )?(?:robot|humain|personne|machine)
        |(?:eres|es\ usted)\ (?:un\ |una\ )?(?:robot|humano|persona|maquina)
    """,
    "offer": r"""
        help(?:\ me)?(?:\ please)?|what\ can\ you\ (?:do|tell\ me|help\ (?:me\ )?with)|what\ do\ you\ know
        |what\ can\ i\ ask(?:\ you)?|was\ (?:kannst\ du|konnen\ sie)|hilfe|aide|ayuda
        |que\ (?:sabes|puedes\ hacer)
    """,
}

_PATTERNS = {kind: re.compile(pattern, re.VERBOSE) for kind, pattern in _SAID.items()}


def small_talk(said: str) -> Kind | None:
    """Return what *said* is beside a question; None if it may be one."""
    if len(said) > MAX_CHARS:
        return None
    plain = " ".join(words(said))
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.fullmatch(plain)), None)
