"""What the engine says of its own, in each language that it can greet in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    quote: str
    """With `{page}` and `{text}`."""
    near: str
    """Said before quotes that may not answer."""
    unknown: str
    offer: str
    """With `{topics}`."""
    ask: str
    nothing: str
    """Said in place of `offer` where there are no pages."""
    greeting: str
    thanks: str
    farewell: str
    well: str
    who: str
    and_: str
    resumed: str
    """Said before the rest of an answer that was stopped."""
    finished: str
    """Said where nothing of the last answer is left."""


PHRASES = {
    "en": Phrases(
        quote="From the page {page}: {text}",
        near="I found no clear answer to that. This comes nearest:",
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
        resumed="As I was saying:",
        finished="That was all I had to say about it.",
    ),
    "de": Phrases(
        quote="Auf der Seite {page} steht: {text}",
        near="Eine klare Antwort darauf habe ich nicht gefunden. Das kommt ihr am nächsten:",
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
        resumed="Wie gesagt:",
        finished="Das war alles, was ich dazu habe.",
    ),
    "fr": Phrases(
        quote="Sur la page {page} : {text}",
        near="Je n'ai pas trouvé de réponse claire à cela. Voici ce qui s'en approche le plus :",
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
        resumed="Je disais :",
        finished="C'est tout ce que j'ai à ce sujet.",
    ),
    "es": Phrases(
        quote="En la página {page}: {text}",
        near="No he encontrado una respuesta clara a eso. Esto es lo más cercano:",
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
        resumed="Como decía:",
        finished="Eso es todo lo que tengo sobre eso.",
    ),
}
