"""
The site's own pages as a chat engine: it quotes the passage that answers, and names the page.

No language model: it makes no sentence about the site that does not stand there. What it says of
its own is in `_PHRASES`, a set for each language it can greet in.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass

from ..dialogue import Passage, Prompt
from ..words import Asked, asked, is_light, likeness, page_terms, stem, words
from .interface import EngineInfo

QUOTE_CHARS = 300
"""A quote ends with the line that reaches it: some twenty seconds of speech."""

SHORT_CHARS = 120
"""A shorter quote takes the next sentence along."""

NEAR_SHARE = 0.7
"""Of the best line's score: lines from there on are quoted too."""

OFFERED_TOPICS = 6

_PIECE = re.compile(r"\s*\S+(?:\s+\S+){0,2}\s*")
_ROW = re.compile(r"[^.:]{1,60}: \S")
_LEANS_BACK = re.compile(r"(?:it|they|this|these|that|those|there|he|she|then|er|sie|es|dies|das) ", re.IGNORECASE)
_YES_OR_NO = re.compile(r"(?:yes|no|ja|nein|oui|non|sí|si|no)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Phrases:
    quote: str
    unknown: str
    offer: str
    ask: str
    nothing: str
    """Said in place of `offer` where there are no pages."""
    greeting: str
    thanks: str
    farewell: str
    well: str
    who: str
    and_: str


_PHRASES = {
    "en": _Phrases(
        quote="From the page {page}: {text}",
        unknown="I don't know: I found nothing about that on this site's pages.",
        offer="I can tell you about {topics}.",
        ask="What would you like to know?",
        nothing="I was given no pages to answer from.",
        greeting="Hello!",
        thanks="You're welcome.",
        farewell="Goodbye!",
        well="All is well here, thank you.",
        who="I'm a small program, no person and no language model: "
        "I look up what this site's own pages say, and quote it.",
        and_="and",
    ),
    "de": _Phrases(
        quote="Auf der Seite {page} steht: {text}",
        unknown="Das weiß ich nicht: Auf den Seiten hier habe ich nichts dazu gefunden.",
        offer="Ich kann etwas sagen zu: {topics}.",
        ask="Was möchten Sie wissen?",
        nothing="Mir wurden keine Seiten gegeben, aus denen ich antworten könnte.",
        greeting="Guten Tag!",
        thanks="Gern geschehen.",
        farewell="Auf Wiedersehen!",
        well="Hier ist alles gut, danke.",
        who="Ich bin ein kleines Programm, kein Mensch und kein Sprachmodell: "
        "Ich schlage auf den Seiten dieser Website nach und lese vor, was dort steht.",
        and_="und",
    ),
    "fr": _Phrases(
        quote="Sur la page {page} : {text}",
        unknown="Je ne sais pas : je n'ai rien trouvé à ce sujet sur les pages de ce site.",
        offer="Je peux vous renseigner sur : {topics}.",
        ask="Que voulez-vous savoir ?",
        nothing="On ne m'a donné aucune page pour répondre.",
        greeting="Bonjour !",
        thanks="Je vous en prie.",
        farewell="Au revoir !",
        well="Tout va bien ici, merci.",
        who="Je suis un petit programme, ni une personne ni un modèle de langage : "
        "je cherche dans les pages de ce site et je les cite.",
        and_="et",
    ),
    "es": _Phrases(
        quote="En la página {page}: {text}",
        unknown="No lo sé: no he encontrado nada sobre eso en las páginas de este sitio.",
        offer="Puedo informarle sobre: {topics}.",
        ask="¿Qué desea saber?",
        nothing="No me han dado páginas de las que responder.",
        greeting="¡Hola!",
        thanks="De nada.",
        farewell="¡Adiós!",
        well="Aquí todo bien, gracias.",
        who="Soy un pequeño programa, no una persona ni un modelo de lenguaje: "
        "busco en las páginas de este sitio y las cito.",
        and_="y",
    ),
}

_MACHINE = "robots?|bots?|chatbots?|humans?|persons?|people|real|ai|machines?|computers?|programs?|chatgpt|gpt|language models?|llm"
_GREETING = (
    r"(?:hi|hiya|hello|hey|good (?:morning|afternoon|evening|day)|hallo|moin|servus|gruss gott"
    r"|guten (?:tag|morgen|abend)|bonjour|bonsoir|salut|hola|buenos dias|buenas(?: tardes| noches)?)"
    r"(?: there| all| everyone| you| again| zusammen)?"
)

# What is said beside questions; each must be all that is said. Folded, without punctuation.
_SMALL_TALK = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (_GREETING, "greeting"),
        (
            r"(?:(?:ok|okay|great|perfect|good|super|cool|no|yes|ah|oh|alright|wonderful) )*"
            r"(?:thanks|thank you|thankyou|thx|cheers|ta|danke|vielen dank|merci|gracias|muchas gracias)"
            r"(?: (?:a lot|lots|so much|very much|again|you|bye|schon|sehr|beaucoup|that helps?|that helped"
            r"|for (?:your|the) help|thats all|that is all))*",
            "thanks",
        ),
        (r"(?:ok |okay )?(?:good ?bye|bye|bye bye|see you(?: later| soon)?|tschuss|auf wiedersehen|au revoir|adios)", "farewell"),
        (r"(?:and )?how are you(?: doing| today)*|hows it going|how is it going|wie gehts(?: dir| ihnen)?|ca va|que tal", "well"),
        (
            r"(?:so |and |but )?(?:who|what) are you(?: really| exactly)?|whats your name|what is your name"
            r"|who am i (?:talking|speaking|chatting) (?:to|with)|(?:wer|was) (?:bist du|sind sie)"
            r"|qui (?:es tu|etes vous)|quien (?:eres|es usted)",
            "who",
        ),
        (
            rf"(?:.{{0,20}} )?(?:are you|you are|youre|r u|is this|is that|am i (?:talking|speaking|chatting) (?:to|with))"
            rf"(?: (?:a|an|the|really|actually|just|some kind of|real|or|{_MACHINE}))*? (?:{_MACHINE})"
            rf"(?: (?:or|a|an|real|person|{_MACHINE}))*",
            "who",
        ),
        (r"(?:bist du|sind sie) (?:ein |eine )?(?:echter? )?(?:mensch|roboter|bot|ki|maschine|computer|person)", "who"),
        (
            r"help(?: me)?(?: please)?|what can you (?:do|tell me|help (?:me )?with)|what do you know"
            r"|what can i ask(?: you)?|was (?:kannst du|konnen sie)|hilfe|aide|ayuda|que (?:sabes|puedes hacer)",
            "offer",
        ),
    )
)


class Site:
    """Answers from the passages it is given, at once and for nothing."""

    @property
    def info(self) -> EngineInfo:
        return EngineInfo("chat", "site", "the site's own pages", paid=False, place="this machine")

    async def load(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def reply(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        for piece in _PIECE.findall(_answer(prompt)):
            yield piece


def _answer(prompt: Prompt) -> str:
    phrases = _PHRASES.get((prompt.language or "en")[:2].lower(), _PHRASES["en"])
    said = [message.text for message in prompt.history if message.role == "user"] or [""]
    *earlier, question = said
    offer = _offer(phrases, prompt.topics)
    match _kind(question):
        case "greeting":
            return f"{phrases.greeting} {phrases.ask} {offer}"
        case "thanks":
            return phrases.thanks
        case "farewell":
            return phrases.farewell
        case "well":
            return f"{phrases.well} {phrases.ask}"
        case "who":
            return f"{phrases.who} {offer}"
        case "offer":
            return offer
    about = asked(question, earlier)
    if prompt.passages and prompt.passages[0].confident:
        passage = prompt.passages[0]
        return phrases.quote.format(page=passage.source.title, text=quote(passage, about))
    return f"{phrases.unknown if about.terms else phrases.ask} {offer}"


def _kind(question: str) -> str | None:
    said = " ".join(words(question[:200]))
    return next((kind for pattern, kind in _SMALL_TALK if pattern.fullmatch(said)), None)


def _offer(phrases: _Phrases, topics: Sequence[str]) -> str:
    if not topics:
        return phrases.nothing
    *most, last = topics[:OFFERED_TOPICS]
    listed = f"{', '.join(most)} {phrases.and_} {last}" if most else last
    return phrases.offer.format(topics=listed)


def quote(passage: Passage, about: Asked) -> str:
    """Return the lines of *passage* that bear most on what is asked, in their order."""
    lines = passage.text.splitlines()
    scores = [_score(page_terms(line), about) for line in lines]
    best = max(scores, default=0.0)
    chosen = {i for i, score in enumerate(scores) if score >= NEAR_SHARE * best}
    for i in sorted(chosen):
        if i and _LEANS_BACK.match(lines[i]):
            chosen.add(i - 1)
    if lines and _YES_OR_NO.match(lines[0]):
        chosen.add(0)
    following = max(chosen, default=0) + 1
    is_short = sum(len(lines[i]) for i in chosen) < SHORT_CHARS
    if is_short and following < len(lines) and not _ROW.match(lines[following]):
        chosen.add(following)
    return " ".join(_up_to(QUOTE_CHARS, [lines[i] for i in sorted(chosen)]))


def _score(seen: Sequence[str], about: Asked) -> float:
    stems = [stem(term) for term in seen]
    return sum(
        (0.5 if is_light(term) or term in about.context else 1.0)
        * max((likeness(stem(term), other) for other in stems), default=0.0)
        for term in (*about.terms, *about.context)
    )


def _up_to(chars: int, lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield line
        chars -= len(line)
        if chars <= 0:
            break
