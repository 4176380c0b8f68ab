"""What visitors say beside questions: greetings, thanks, who are you, go on."""

from __future__ import annotations

import re
from typing import Literal

from ...words import words

Kind = Literal["greeting", "thanks", "farewell", "well", "who", "offer", "continue", "repeat"]

MAX_CHARS = 200
"""What is longer is no small talk."""

_MACHINE = (
    "robots?|bots?|chatbots?|humans?|persons?|people|ai|machines?|computers?|programs?"
    "|chatgpt|gpt|language models?|llm"
)

_PLEASE = r"please|bitte|sil\ (?:te|vous)\ plait|por\ favor"

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
    "continue": rf"""
        (?:(?:ok|okay|yes|sorry|please|and|so|no)\ )*
        (?:(?:go|carry|keep)\ on|keep\ (?:going|talking)|continue|proceed|go\ ahead|you\ were\ saying
         |(?:what|how)\ (?:were\ you\ (?:going\ to\ say|saying)|does\ it\ go\ on)|where\ were\ (?:we|you)
         |(?:whats\ |what\ is\ |tell\ me\ |say\ )?the\ rest|finish\ (?:what\ you\ were\ saying|your\ sentence)
         |(?:(?:und|bitte|mach|sprich|rede?|(?:machen|sprechen|reden)\ sie)\ (?:bitte\ )?)?weiter
         |fahr\ fort|fahren\ sie\ fort|continuez|la\ suite|poursuis|poursuivez|sigue|siga|continua|continuar)
        (?:\ (?:then|now|talking|with\ that|{_PLEASE}))*
    """,
    "repeat": rf"""
        (?:(?:ok|okay|sorry|please|no|excuse\ me)\ )*
        (?:(?:(?:can|could|would)\ you\ (?:please\ )?)?(?:repeat|say)\ (?:that|it)(?:\ again)?|repeat
         |(?:once\ )?again|come\ again|what\ did\ you\ (?:just\ )?say|what\ was\ that|pardon(?:\ me)?
         |i\ (?:didnt|did\ not)\ (?:hear|catch|get)\ (?:that|it|you)
         |wie\ bitte|(?:bitte\ )?noch\ ?mal|was\ (?:hast\ du|haben\ sie)\ gesagt|wiederhol(?:e|en\ sie)?
         |(?:vous\ pouvez|tu\ peux)\ repeter|repetez?|encore\ une\ fois|repit[ea]|otra\ vez|como\ dice)
        (?:\ (?:please|again|{_PLEASE}))*
    """,
}

_PATTERNS = {kind: re.compile(pattern, re.VERBOSE) for kind, pattern in _SAID.items()}


def small_talk(said: str) -> Kind | None:
    """Return what *said* is beside a question; None if it may be one."""
    if len(said) > MAX_CHARS:
        return None
    plain = " ".join(words(said))
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.fullmatch(plain)), None)
