"""The site's own pages as a chat engine: it quotes, names the page, and says when it does not know."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from voicechat.dialogue import Message, Passage, Prompt, Source
from voicechat.engines.site import QUOTE_CHARS, Site
from voicechat.engines.site.phrases import PHRASES
from voicechat.knowledge import Knowledge

SHOP = Path(__file__).parent.parent / "voicechat" / "example"

RETURNS = Passage(
    Source("Returns", "/returns"),
    "Can I return opened tea?",
    "No, opened tea cannot come back.\nIf you do not like a tea, tell us within 14 days.",
    bearing="answers",
)
HOURS = Passage(
    Source("Opening hours", "/hours"),
    "When are you open?",
    "Monday: closed.\nTuesday: 9:30 to 18:00.\nSaturday: 9:00 to 17:00.\nSunday: 11:00 to 16:00.",
    bearing="answers",
)


class Chat:
    """A visitor who talks with the engine about a site."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._history: list[Message] = []

    async def ask(self, question: str, language: str | None = None) -> str:
        earlier = [message.text for message in self._history if message.role == "user"]
        passages = await self._knowledge.passages(question, earlier)
        self._add("user", question)
        prompt = Prompt("", tuple(self._history), passages, self._knowledge.topics(), language)
        self._add("assistant", await reply(prompt))
        return self._history[-1].text

    def _add(self, role: str, text: str) -> None:
        self._history.append(Message(len(self._history) + 1, role, text, "complete"))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def known() -> Iterator[Knowledge]:
    """The shop's pages, read once: that takes a second, and no test changes them."""
    # By a clock that stands still it does not look again, in a loop of some test's own.
    knowledge = Knowledge(SHOP, 4, clock=lambda: 0)
    with asyncio.Runner() as runner:
        runner.run(knowledge.load())
        yield knowledge
        runner.run(knowledge.close())


@pytest.fixture
def visitor(known: Knowledge) -> Chat:
    return Chat(known)


def prompt(
    question: str, *passages: Passage, topics: tuple[str, ...] = (), language: str | None = None
) -> Prompt:
    return Prompt("", (Message(1, "user", question, "complete"),), passages, topics, language)


async def pieces(asked: Prompt) -> list[str]:
    async with aclosing(Site().reply(asked)) as answer:
        return [piece async for piece in answer]


async def reply(asked: Prompt) -> str:
    return "".join(await pieces(asked))


async def test_it_quotes_the_passage_that_answers_and_names_the_page() -> None:
    said = await reply(prompt("can i return opened tea", RETURNS))
    assert said == "From the page Returns: " + RETURNS.text.replace("\n", " ")


async def test_it_says_only_what_stands_in_the_passage(visitor: Chat) -> None:
    said = await visitor.ask("how do i track my parcel")
    quoted = said.removeprefix("From the page Shipping: ")
    assert quoted != said
    assert all(sentence in (SHOP / "shipping.md").read_text("utf-8") for sentence in quoted.split(". "))


async def test_an_answer_comes_in_pieces_of_a_few_words_none_empty() -> None:
    said = await pieces(prompt("can i return opened tea", RETURNS))
    assert len(said) > 5
    assert all(piece.strip() and len(piece.split()) <= 3 for piece in said)


async def test_of_a_table_only_the_row_that_is_asked_for_is_said() -> None:
    assert await reply(prompt("what time do you close on sundays", HOURS)) == (
        "From the page Opening hours: Sunday: 11:00 to 16:00."
    )


async def test_who_asks_a_heading_gets_all_that_stands_under_it(visitor: Chat) -> None:
    said = await visitor.ask("What do you sell?")
    assert "We sell no coffee" in said and said.count(". ") >= 2


async def test_who_asks_for_the_whole_table_gets_it() -> None:
    said = await reply(prompt("when are you open", HOURS))
    assert all(day in said for day in ("Monday", "Tuesday", "Saturday", "Sunday"))


async def test_a_sentence_that_leans_on_the_one_before_takes_it_along() -> None:
    passage = Passage(
        Source("Tea", "/tea"),
        "Tea",
        "We stock mint.\nRooibos is free of caffeine.\nIt costs £5.\nBye.",
        "answers",
    )
    assert "Rooibos is free of caffeine. It costs £5." in await reply(
        prompt("what does rooibos cost", passage)
    )


async def test_it_leans_on_the_one_before_in_a_short_form_too() -> None:
    passage = Passage(
        Source("Tea", "/tea"), "Tea", "We stock mint.\nRooibos is red.\nIt's £5 a bag.\nBye.", "answers"
    )
    assert "Rooibos is red. It's £5 a bag." in await reply(prompt("what does a bag cost", passage))


async def test_a_quote_is_bounded() -> None:
    text = "\n".join(f"Sentence {number} tells of delivery to your door." for number in range(200))
    said = await reply(
        prompt("tell me of delivery", Passage(Source("Long", "/long"), "Delivery", text, "answers"))
    )
    assert len(said) < QUOTE_CHARS + 100


async def test_it_follows_up(visitor: Chat) -> None:
    assert "9:00 to 17:00" in await visitor.ask("are you open on saturday?")
    told = await visitor.ask("and on Sunday?")
    assert told.startswith("From the page Opening hours: Sunday: 11:00 to 16:00.")
    assert "Monday: closed" in await visitor.ask("what about monday")


async def test_it_says_that_it_does_not_know_and_what_it_can_answer(visitor: Chat) -> None:
    said = await visitor.ask("do you have a loyalty programme")
    assert said.startswith("I don't know")
    assert "Returns" in said and "Shipping" in said


async def test_what_is_only_near_is_quoted_as_no_more_than_that() -> None:
    near = [replace(passage, bearing="near") for passage in (RETURNS, HOURS, RETURNS)]
    said = await reply(prompt("can i bring opened tea on sunday", *near))
    assert said.startswith("I found no clear answer to that.")
    assert said.count("From the page") == 3 and "opened tea" in said and "Sunday: 11:00" in said


async def test_two_quotes_are_no_longer_than_one() -> None:
    text = "\n".join(f"Sentence {number} tells of delivery to your door." for number in range(200))
    long = Passage(Source("Long", "/long"), "Delivery", text, "near")
    assert len(await reply(prompt("tell me of delivery", long, long))) < QUOTE_CHARS + 200


async def test_what_is_only_aside_is_not_quoted() -> None:
    aside = replace(RETURNS, bearing="aside")
    said = await reply(prompt("do you repair teapots", aside, topics=("Returns",)))
    assert "opened tea" not in said and said.startswith("I don't know")


@pytest.mark.parametrize("greeting", ["hello", "Hi there!", "good morning", "Hey."])
async def test_it_greets_back(visitor: Chat, greeting: str) -> None:
    assert (await visitor.ask(greeting)).startswith("Hello!")


async def test_a_question_behind_a_greeting_is_answered(visitor: Chat) -> None:
    assert "Gifts" in await visitor.ask("hello there, do you have gift cards?")


@pytest.mark.parametrize("thanks", ["thanks", "Thank you very much!", "ok great, thanks a lot", "merci"])
async def test_it_answers_thanks(visitor: Chat, thanks: str) -> None:
    assert await visitor.ask(thanks) == "You're welcome."


@pytest.mark.parametrize(
    "question",
    [
        "who are you",
        "Are you a robot?",
        "are you a real person or a bot",
        "am i talking to a human",
        "is this an AI",
    ],
)
async def test_it_says_that_it_is_no_person_and_no_language_model(visitor: Chat, question: str) -> None:
    said = await visitor.ask(question)
    assert "no language model" in said and "no person" in said


async def test_it_tells_what_it_can_do(visitor: Chat) -> None:
    assert "Opening hours" in await visitor.ask("what can you do?")


@pytest.mark.parametrize("question", ["ok", "", "?!", "yes"])
async def test_what_asks_nothing_is_asked_back(visitor: Chat, question: str) -> None:
    assert "What would you like to know?" in await visitor.ask(question)


def stopped(heard: str, said: str) -> tuple[Message, ...]:
    """A chat whose only answer, which goes on with *said*, was stopped after *heard*."""
    question = Message(1, "user", "when are you open", "complete")
    return question, Message(2, "assistant", heard + said, "cut", heard=len(heard.encode()))


async def asked_after(history: tuple[Message, ...], question: str, language: str | None = None) -> str:
    asked = Message(len(history) + 1, "user", question, "complete")
    return await reply(Prompt("", (*history, asked), (HOURS,), language=language))


@pytest.mark.parametrize(
    ("heard", "rest", "said"),
    [
        ("Café: closed. Tuesday: 9:30", " to 18:00.", "Tuesday: 9:30 to 18:00."),
        ("Café: closed. ", "Tuesday: 9:30 to 18:00.", "Tuesday: 9:30 to 18:00."),
        ("", "Café: closed.", "Café: closed."),
    ],
)
async def test_who_stopped_it_and_has_it_go_on_hears_the_sentence_that_broke_off(
    heard: str, rest: str, said: str
) -> None:
    assert await asked_after(stopped(heard, rest), "go on, please") == f"As I was saying: {said}"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("What were you saying?", "en"),
        ("and the rest?", "en"),
        ("weiter bitte", "de"),
        ("continuez s'il vous plaît", "fr"),
        ("siga por favor", "es"),
    ],
)
async def test_it_is_asked_to_go_on_in_its_languages(question: str, language: str) -> None:
    said = await asked_after(stopped("Monday: closed. ", "Tuesday: open."), question, language)
    assert said == f"{PHRASES[language].resumed} Tuesday: open."


async def test_what_was_heard_to_its_end_does_not_go_on() -> None:
    whole = stopped("Monday: closed.", "")
    assert (await asked_after(whole, "go on")).startswith(PHRASES["en"].finished)


@pytest.mark.parametrize("question", ["Pardon?", "could you say that again please", "Wie bitte?", "repeat"])
async def test_what_was_not_understood_is_said_again(question: str) -> None:
    assert await asked_after(stopped("Monday: ", "closed."), question) == "Monday: closed."


async def test_a_question_about_going_on_is_a_question() -> None:
    said = await asked_after(stopped("Monday: ", "closed."), "where do I go on Sunday when you are open")
    assert "11:00 to 16:00" in said


async def test_without_pages_it_says_that_it_has_none() -> None:
    assert PHRASES["en"].nothing in await reply(prompt("when are you open"))


@pytest.mark.parametrize(
    ("language", "begins"),
    [("de", "Auf der Seite"), ("fr-FR", "Sur la page"), ("ES_mx", "En la"), ("den", "From the page")],
)
async def test_it_names_the_page_in_the_visitors_language(language: str, begins: str) -> None:
    assert (await reply(prompt("opened tea", RETURNS, language=language))).startswith(begins)


async def test_a_language_without_phrases_is_answered_in_english() -> None:
    assert (await reply(prompt("opened tea", RETURNS, language="sv"))).startswith("From the page Returns")


async def test_words_said_over_and_over_cost_no_time() -> None:
    began = time.thread_time()
    for said in (
        "are you " + "real " * 40 + "x",
        "thanks " + "a lot " * 30 + "x",
        "ok " * 66,
        "is this a " * 20,
    ):
        await reply(prompt(said))
    assert time.thread_time() - began < 0.5


async def test_a_long_chat_costs_no_time() -> None:
    said = ["and " + " ".join(f"word{number}of{n}" for n in range(400)) for number in range(20)]
    history = tuple(Message(n, "user", text, "complete") for n, text in enumerate([*said, "and tea?"], 1))
    began = time.thread_time()
    await reply(Prompt("", history, (RETURNS,)))
    assert time.thread_time() - began < 0.5


async def test_it_costs_nothing_and_works_here() -> None:
    info = Site().info
    assert (info.job, info.name, info.paid, info.place) == ("chat", "site", False, "this machine")
