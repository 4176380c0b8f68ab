"""Text that grows, cut into pieces for a voice."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicechat.sentences import LONGEST, LONGEST_CLAUSE, Sentences, Whole, spoken


def cut(text: str, *, at: int = 1) -> list[str]:
    """Feed *text* in pieces of *at* characters; return what is spoken."""
    sentences = Sentences()
    pieces = [p for i in range(0, len(text), at) for p in sentences.feed(text[i : i + at])]
    return [piece.spoken.text for piece in [*pieces, *sentences.flush()]]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("We open at nine o'clock. We close at six.", ["We open at nine o'clock.", "We close at six."]),
        ("Yes. We ship to all of Europe. Ask us!", ["Yes. We ship to all of Europe.", "Ask us!"]),
        ("It costs 3.50 euros on example.com today.", ["It costs 3.50 euros on example.com today."]),
        ("Ask for Dr. Smith or Mrs. J. Doe at the desk.", ["Ask for Dr. Smith or Mrs. J. Doe at the desk."]),
        ("Is it open on Sunday? Yes, until noon!", ["Is it open on Sunday?", "Yes, until noon!"]),
        ("Bring e.g. a receipt with you. Thanks.", ["Bring e.g. a receipt with you.", "Thanks."]),
        ("Monday to Friday: 9 to 6\nSaturday: 10 to 4\n", ["Monday to Friday: 9 to 6", "Saturday: 10 to 4"]),
        ("1. First wash the tea pot\n2. Then fill it up\n", ["First wash the tea pot", "Then fill it up"]),
        (
            "「九時から十八時まで営業しています。」日曜日は休みです。",
            ["「九時から十八時まで営業しています。」", "日曜日は休みです。"],
        ),
        ("**Bold** and [our page](https://x.example/a) are read out.", ["Bold and our page are read out."]),
        ("So I said: it was I. Then we left the shop.", ["So I said: it was I.", "Then we left the shop."]),
        ("It takes 5 min. on foot. Go left.", ["It takes 5 min. on foot.", "Go left."]),
        ("Open on 1, 2, and 3 May. Else not at all.", ["Open on 1, 2, and 3 May.", "Else not at all."]),
        ("Well… maybe tomorrow morning. Ask again!", ["Well… maybe tomorrow morning.", "Ask again!"]),
        (
            "In the morning, we bake bread, and cakes. Later, we sell them.",
            ["In the morning,", "we bake bread, and cakes.", "Later, we sell them."],
        ),
        ("Yes, in the morning – and at night.", ["Yes, in the morning –", "and at night."]),
        ("午前中はパンを、午後はケーキを焼きます。", ["午前中はパンを、", "午後はケーキを焼きます。"]),
        (
            "Type this command here:\n```sh\necho Hello. You there.\n\n# Yes. Do it!\n```\nThen wait.",
            ["Type this command here:", "Then wait."],
        ),
        ("Run:\n~~~\na. B\n~~~\nDone and ready. Bye!", ["Run:", "Done and ready.", "Bye!"]),
        ("We say ```It is. Yes.``` and go. Then stop.", ["We say It is. Yes. and go.", "Then stop."]),
        ("| Tea | Price |\n| --- | ---: |\n| Green | 3 € |\n", ["Tea, Price. Green, 3 €"]),
    ],
)
@pytest.mark.parametrize("at", [1, 7, 1000])
def test_text_is_cut_where_a_sentence_ends(text: str, pieces: list[str], at: int) -> None:
    assert cut(text, at=at) == pieces


def test_a_piece_is_there_as_soon_as_the_next_word_begins() -> None:
    sentences = Sentences()
    assert sentences.feed("The shop opens at nine.") == []
    assert [piece.spoken.text for piece in sentences.feed(" A")] == ["The shop opens at nine."]


def test_a_sentence_without_an_end_is_cut_before_it_is_too_long() -> None:
    assert max(map(len, cut("word " * 300))) <= LONGEST


def test_the_first_clause_is_cut_before_it_is_too_long() -> None:
    first, *_ = cut("word " * 60)
    assert len(first) <= LONGEST_CLAUSE


def test_a_block_of_code_is_not_spoken_though_its_end_never_comes() -> None:
    assert cut("See this example:\n```\nThe end. Is missing.\n") == ["See this example:"]


def test_what_holds_no_word_is_not_spoken() -> None:
    assert cut("--- ... *** !!!") == []


@given(st.text(alphabet="aZ é。.!? \n,*[]()1日", max_size=400), st.integers(1, 50))
def test_pieces_follow_each_other_and_cover_the_text_in_bytes(text: str, at: int) -> None:
    sentences = Sentences(start=5)
    pieces = [p for i in range(0, len(text), at) for p in sentences.feed(text[i : i + at])]
    pieces += sentences.flush()
    data = b"12345" + text.encode()
    for piece, after in itertools.pairwise(pieces):
        assert piece.end <= after.start
    for piece in pieces:
        shown, before = data[piece.start : piece.end].decode(), data[: piece.start].decode()
        assert piece.spoken == spoken(shown, begins_line=before[5:][-1:] in ("", "\n"))


@given(st.text(alphabet="ab. é,`\n", max_size=700), st.integers(1, 20))
def test_the_cuts_do_not_depend_on_how_the_text_arrived(text: str, at: int) -> None:
    assert cut(text, at=at) == cut(text, at=1)


def test_whole_speaks_once_at_the_end() -> None:
    whole = Whole()
    assert whole.feed("One. Two. ") == []
    assert [(p.spoken.text, p.start, p.end) for p in whole.flush()] == [("One. Two.", 0, 10)]


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("**Bold**, _italic_, ~~gone~~ and snake_case", "Bold, italic, gone and snake_case"),
        ("[our *page*](https://x.example/a) and ![a cup](cup.png)", "our page and a cup"),
        ("## A heading\n\n- one\n- [x] two\n3. three", "A heading. one. two. three"),
        ("> quoted\n>> twice", "quoted. twice"),
        ("| a | b |\n|---|:-:|\n| 1 | 2 |", "a, b. 1, 2"),
        ("Run `make test` first", "Run make test first"),
        ("Thanks 😀👩‍👩‍👧, see you 🇩🇪 ☕️!", "Thanks , see you !"),
        ("At https://www.example.com/tea?x=1, or <http://a.example:80>.", "At example.com, or a.example."),
        ("Tom &amp; Jerry, 3 &lt; 5, &nosuch;", "Tom & Jerry, 3 < 5, &nosuch;"),
        (r"\*not bold\*", "*not bold*"),
        ("Menu → Settings", "Menu, Settings"),
        ("Hi\n\n---\n\nyou", "Hi. you"),
        ("It is 20 °C, 100 % sure, 5 € each", "It is 20 °C, 100 % sure, 5 € each"),
    ],
)
def test_what_is_there_for_the_eye_alone_is_not_read(shown: str, text: str) -> None:
    assert spoken(shown).text == text


def words(shown: str) -> list[tuple[str, str]]:
    """Return each word as it is read, and as it stands in *shown*."""
    read = spoken(shown)
    return [
        (read.text[start:end], shown.encode()[slice(*read.shown(start, end))].decode())
        for start, end in read.words()
    ]


def test_of_a_full_hour_the_hour_is_said_and_all_of_it_shown() -> None:
    read = spoken("Open 9:00 to 17:00, and 9:30.")
    assert read.text == "Open 9 to 17, and 9:30."
    assert [read.shown(*word) for word in read.words()][1:4] == [(5, 9), (10, 12), (13, 19)]
    assert spoken("2:1:00 or 1.9:00").text == "2:1:00 or 1.9:00"


def test_each_word_knows_where_it_is_shown() -> None:
    assert words("**Grüner** [Tee 🍵 hier](https://x.example) – 3 &euro;, https://www.a.example/b!") == [
        ("Grüner", "Grüner"),
        ("Tee", "Tee"),
        ("hier", "hier"),
        ("3", "3"),
        ("a.example!", "a.example/b!"),
    ]


def test_a_script_without_spaces_is_told_character_by_character() -> None:
    assert [shown for _, shown in words("**日本**です。OK")] == ["日", "本", "で", "す", "OK"]


@given(st.text(alphabet="ab é日😀*_`[]()|>#-.!\n\\&;:/1", max_size=120), st.booleans())
def test_words_stand_in_the_text_in_their_order(shown: str, begins_line: bool) -> None:
    read, data = spoken(shown, begins_line=begins_line), shown.encode()
    at = 0
    for start, end in (read.shown(*word) for word in read.words()):
        assert at <= start < end <= len(data)
        assert data[start:end].decode()
        at = end
