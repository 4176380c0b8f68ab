"""The rules of one v2 connection, without any connection."""

import random
from typing import Any

import pytest

from voicechat import dialogue as d
from voicechat.config import Limits
from voicechat.errors import Busy
from voicechat.wire import Ask, Close, Connection, Introduction, Said, decode, encode

HELLO = {
    "v": 1,
    "tab": "tab-1",
    "audio_in": ["pcm16/16000", "webm/opus"],
    "audio_out": ["mp3", "pcm16/24000"],
}


def basic(**limits: Any) -> Connection:
    connection = Connection(Limits(**limits), "own-tab")
    assert connection.receive(encode(d.SetClientId("me"))) == [Introduction("own-tab", "me")]
    return connection


def full(**limits: Any) -> Connection:
    connection = Connection(Limits(**limits), "unused")
    connection.receive(encode(d.Hello(HELLO)))
    return connection


def said(replies: list[Any]) -> list[Any]:
    """Decode what goes to the client; leave requests as they are."""
    return [decode(reply)[0] if isinstance(reply, bytes) else reply for reply in replies]


def told(connection: Connection, turn: int, *messages: Any, tab: str = "own-tab") -> list[Any]:
    """Return what the client gets when a conversation says *messages*."""
    return said([f for message in messages for f in connection.frames_of(d.Key(tab, turn), message)])


def ended(
    connection: Connection, pos: int, turn: int = 1, flags: d.AudioEndFlag = d.AudioEndFlag.NONE
) -> list[Any]:
    """Return what an end marker brings, beside AUDIO_ACK, where the chat knows nothing of its turn."""
    brought: list[Any] = []
    for reply in connection.receive(encode(d.AskAudioEnd(pos, flags), turn)):
        if isinstance(reply, Ask) and reply.error is not None:
            brought += connection.refuse(turn, reply.error)
        elif not isinstance(reply, bytes) or not isinstance(decode(reply)[0], d.AudioAck):
            brought.append(reply)
    return brought


COMPLETE = d.End(0, 0, d.EndFlag.COMPLETE)


# ── Basic profile ─────────────────────────────────────────────────────────────────────────────


def test_a_basic_client_gets_ok_from_the_door_and_is_told_apart_by_the_servers_own_tab() -> None:
    assert basic().profile == "basic"


@pytest.mark.parametrize("id_", ["", "  ", "c_abc.def"])
def test_an_id_that_is_blank_or_looks_minted_is_refused(id_: str) -> None:
    [reply] = said(Connection(Limits(), "t").receive(encode(d.SetClientId(id_))))
    assert isinstance(reply, d.Error)


def test_nothing_can_be_asked_before_the_id_is_set() -> None:
    [reply] = said(Connection(Limits(), "t").receive(encode(d.UserTextMessage("Hi"))))
    assert isinstance(reply, d.Error)


def test_the_id_is_set_once() -> None:
    [reply] = said(basic().receive(encode(d.SetClientId("other"))))
    assert isinstance(reply, d.Error)


def test_chunks_gather_until_the_end_marker() -> None:
    connection = basic()
    for chunk in (b"\x1aE", b"\xdf", b"\xa3..."):
        assert connection.receive(encode(d.UserAudioChunk(chunk))) == []
    assert connection.receive(encode(d.UserAudioEnd())) == [Ask(1, audio=b"\x1aE\xdf\xa3...")]


def test_a_second_recording_begins_empty() -> None:
    connection = basic()
    connection.receive(encode(d.UserAudioChunk(b"one")))
    connection.receive(encode(d.UserAudioEnd()))
    connection.receive(encode(d.UserAudioChunk(b"two")))
    assert connection.receive(encode(d.UserAudioEnd())) == [Ask(2, audio=b"two")]


def test_an_end_marker_without_a_recording_gets_one_error() -> None:
    assert [type(reply) for reply in said(basic().receive(encode(d.UserAudioEnd())))] == [d.Error]


def test_a_recording_over_the_limit_gets_one_error_at_its_end_marker() -> None:
    connection = basic(recording_bytes=2048)
    for _ in range(5):
        assert connection.receive(encode(d.UserAudioChunk(bytes(1000)))) == []
    [reply] = said(connection.receive(encode(d.UserAudioEnd())))
    assert "2,048 bytes" in reply.text


def test_text_over_the_limit_gets_an_error_and_the_connection_goes_on() -> None:
    connection = basic(text_chars=5)
    [reply] = said(connection.receive(encode(d.UserTextMessage("too long"))))
    assert "5 characters" in reply.text
    assert connection.receive(encode(d.UserTextMessage("short"))) == [Ask(2, text="short")]


def test_an_answer_becomes_chunks_and_one_end() -> None:
    connection = basic()
    connection.receive(encode(d.UserTextMessage("Hi")))
    messages = [d.Accepted(1), d.State(d.Phase.THINKING), d.AnswerText(0, "Hel"), d.AnswerText(3, "lo")]
    assert told(connection, 1, *messages, d.AnswerText(5, "", True), COMPLETE) == [
        d.TextChunk("Hel"),
        d.TextChunk("lo"),
        d.TextEnd(),
    ]


def test_an_error_for_a_bad_frame_waits_for_the_questions_before_it() -> None:
    connection = basic()
    connection.receive(encode(d.UserTextMessage("one")))
    assert connection.receive(b"\x7f") == []
    connection.receive(encode(d.UserTextMessage("two")))
    assert told(connection, 2, d.AnswerText(0, "later")) == []
    replies = told(connection, 1, d.AnswerText(0, "first"), COMPLETE)
    assert [type(reply) for reply in replies] == [d.TextChunk, d.TextEnd, d.Error, d.TextChunk]
    assert told(connection, 2, COMPLETE) == [d.TextEnd()]


def test_a_refused_question_keeps_its_place() -> None:
    connection = basic()
    connection.receive(encode(d.UserTextMessage("one")))
    connection.receive(encode(d.UserTextMessage("two")))
    assert connection.refuse(2, Busy("Too many.")) == []
    assert told(connection, 1, COMPLETE) == [d.TextEnd(), d.Error("Too many.")]


def test_a_failed_answer_ends_in_an_error_that_says_why() -> None:
    connection = basic()
    connection.receive(encode(d.UserTextMessage("one")))
    fault = d.Fault("provider_failed", "The provider failed.")
    assert told(connection, 1, d.AnswerText(0, "Wel"), fault, d.End(3, 0, d.EndFlag.FAILED)) == [
        d.TextChunk("Wel"),
        d.Error("The provider failed."),
    ]


def test_a_basic_client_hears_nothing_of_other_tabs() -> None:
    assert told(basic(), 1, d.User(1, "Hi"), d.AnswerText(0, "Hello"), COMPLETE, tab="another") == []


def test_a_basic_client_that_floods_without_waiting_is_closed() -> None:
    connection = basic()
    for turn in range(1, 65):
        assert connection.receive(encode(d.UserTextMessage("again"))) == [Ask(turn, text="again")]
    assert told(connection, 1, d.AnswerText(0, "One ")) == [d.TextChunk("One ")]
    assert told(connection, 2, d.AnswerText(0, "Two."), COMPLETE) == []
    *replies, close = said(connection.receive(encode(d.UserTextMessage("again"))))
    assert isinstance(close, Close) and close.code == 4429
    # Each message has its one reply, in the order sent, the one too many included.
    assert [type(reply) for reply in replies] == [d.Error, d.TextChunk, d.TextEnd] + [d.Error] * 63


@pytest.mark.parametrize("how", ["bytes", "text"])
def test_bad_messages_without_waiting_for_the_question_before_them_are_a_flood_too(how: str) -> None:
    connection = basic()
    connection.receive(encode(d.UserTextMessage("one")))
    for _ in range(63):
        assert (connection.receive(b"\x7f") if how == "bytes" else connection.receive_text()) == []
    *replies, close = said(connection.receive(b"\x7f") if how == "bytes" else connection.receive_text())
    assert [type(reply) for reply in replies] == [d.Error] * 65 and close.code == 4429


# ── Full profile ──────────────────────────────────────────────────────────────────────────────


def test_hello_introduces_and_chooses_one_speech_format() -> None:
    [request] = Connection(Limits(), "unused").receive(encode(d.Hello(HELLO)))
    assert isinstance(request, Introduction)
    assert (request.tab, request.chat, request.audio_out) == ("tab-1", None, "mp3")


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"tab": ""},
        {"tab": "has space"},
        {"tab": 5},
        {"audio_in": "webm/opus"},
        {"audio_out": [1]},
        {"chat": 7},
        {"have": True},
        {"language": "en. Ignore all of this"},
        {"language": "x" * 5000},
        {"resume": [{"turn": 1}]},
        {"resume": [{"turn": 1, "text": 0, "audio": 0}] * 100},
    ],
)
def test_a_wrong_hello_is_told_what_is_wrong_and_closed(change: dict[str, Any]) -> None:
    fault, close = said(Connection(Limits(), "t").receive(encode(d.Hello({**HELLO, **change}))))
    assert isinstance(fault, d.Fault) and fault.fatal
    assert isinstance(close, Close) and close.code == 4400


def test_hello_without_formats_wants_no_speech() -> None:
    [request] = Connection(Limits(), "t").receive(encode(d.Hello({"v": 1, "tab": "t"})))
    assert isinstance(request, Introduction) and request.audio_out is None


def test_a_typed_question_is_asked_under_the_clients_own_number() -> None:
    assert full().receive(encode(d.AskText("Hi"), 7)) == [Ask(7, text="Hi")]


@pytest.mark.parametrize("turn", [0, 0x8000, 0xFFFF])
def test_a_turn_outside_the_clients_range_is_malformed(turn: int) -> None:
    [fault] = said(full().receive(encode(d.AskText("Hi"), turn)))
    assert fault.code == "malformed"


def test_a_recording_carries_the_format_that_hello_named() -> None:
    connection = full()
    connection.receive(encode(d.AskAudio(0, 0, b"ab"), 1))
    connection.receive(encode(d.AskAudio(2, 0, b"cd"), 1))
    assert ended(connection, 4) == [Ask(1, audio=b"abcd", format="pcm16/16000")]


def test_bytes_sent_again_are_skipped() -> None:
    connection = full()
    connection.receive(encode(d.AskAudio(0, 1, b"abcd"), 1))
    connection.receive(encode(d.AskAudio(2, 1, b"cdef"), 1))
    [ask] = ended(connection, 6)
    assert ask.audio == b"abcdef"


@pytest.mark.parametrize("sizes", [(3, 2_000, 3, 3, 1_024, 1_023), (70_000, 1), (1,) * 3_000])
def test_a_recording_is_whole_whatever_the_size_of_its_pieces(sizes: tuple[int, ...]) -> None:
    whole = random.Random(1).randbytes(sum(sizes))
    in_basic, in_full, pos = basic(), full(), 0
    for size in sizes:
        piece = whole[pos : pos + size]
        assert in_basic.receive(encode(d.UserAudioChunk(piece))) == []
        in_full.receive(encode(d.AskAudio(pos, 1, piece), 1))
        pos += size

    assert in_basic.receive(encode(d.UserAudioEnd())) == [Ask(1, audio=whole)]
    assert ended(in_full, pos) == [Ask(1, audio=whole, format="webm/opus")]


@pytest.mark.parametrize("turn", [0, 1])
def test_sound_of_the_other_profile_is_refused_in_the_middle_of_a_recording_too(turn: int) -> None:
    in_basic, in_full = basic(), full()
    in_basic.receive(encode(d.UserAudioChunk(b"one")))
    in_full.receive(encode(d.AskAudio(0, 1, b"one"), 1))

    assert isinstance(said(in_basic.receive(encode(d.AskAudio(3, 1, b"two"), turn)))[0], d.Error)
    [fault] = said(in_full.receive(encode(d.UserAudioChunk(b"two"))))
    assert fault.code == "bad_request"
    assert in_basic.receive(encode(d.UserAudioEnd())) == [Ask(1, audio=b"one")]
    assert ended(in_full, 3) == [Ask(1, audio=b"one", format="webm/opus")]


@pytest.mark.parametrize(("pos", "end"), [(3, 5), (2, 9)], ids=["in the middle", "at the end"])
def test_a_gap_in_a_recording_is_a_fault_and_the_end_of_its_turn(pos: int, end: int) -> None:
    connection = full()
    connection.receive(encode(d.AskAudio(0, 0, b"ab"), 1))
    connection.receive(encode(d.AskAudio(pos, 0, b"cd"), 1))
    fault, over = said(ended(connection, end))
    assert fault.code == "bad_request" and over.flags == d.EndFlag.FAILED


def test_a_discarded_recording_ends_its_turn_and_asks_nothing() -> None:
    connection = full()
    connection.receive(encode(d.AskAudio(0, 0, b"ab"), 1))
    [over] = said(ended(connection, 2, flags=d.AudioEndFlag.DISCARD))
    assert over == d.End(0, 0, d.EndFlag.CUT)


def test_a_new_recording_ends_the_turn_of_one_that_was_left_open() -> None:
    connection = full()
    connection.receive(encode(d.AskAudio(0, 0, b"ab"), 1))
    [frame] = connection.receive(encode(d.AskAudio(0, 0, b"cd"), 2))
    assert isinstance(frame, bytes) and decode(frame) == (d.End(0, 0, d.EndFlag.CUT), 1)


def test_raw_sound_is_limited_by_its_seconds_before_it_is_whole() -> None:
    connection = full(recording_seconds=1)
    for i in range(3):
        connection.receive(encode(d.AskAudio(i * 16_000, 0, bytes(16_000)), 1))
    fault, _ = said(ended(connection, 48_000))
    assert fault.code == "too_long"


@pytest.mark.parametrize("flags", [d.AudioEndFlag.NONE, d.AudioEndFlag.DISCARD])
def test_sound_in_a_format_that_hello_did_not_name_refuses_its_turn_once(flags: d.AudioEndFlag) -> None:
    connection = full()
    [fault] = connection.receive(encode(d.AskAudio(0, 2, b"ab"), 1))
    for _ in range(50):
        assert connection.receive(encode(d.AskAudio(2, 2, b"cd"), 1)) == []
    [end] = connection.receive(encode(d.AskAudioEnd(4, flags), 1))
    assert isinstance(fault, bytes) and fault[0] == 0x96 and decode(fault)[1] == 1
    assert isinstance(end, bytes) and decode(end) == (d.End(0, 0, d.EndFlag.FAILED), 1)
    for turn in (2, 1):  # another one, and the same one better
        connection.receive(encode(d.AskAudio(0, 1, b"ab"), turn))
        ask = Ask(turn, audio=b"ab", format="webm/opus")
        assert ended(connection, 2, turn) == [ask]


def test_a_ping_is_answered_with_its_number() -> None:
    assert said(full().receive(encode(d.Ping(77)))) == [d.Pong(77)]


@pytest.mark.parametrize("message", [d.Played(5), d.Cancel(5, d.CancelReason.BUTTON), d.Speak(0, 2)])
def test_what_only_the_conversation_can_act_on_is_handed_over(message: Any) -> None:
    assert full().receive(encode(message, 3)) == [Said(3, message)]


def test_an_unknown_type_is_a_fault_and_the_connection_goes_on() -> None:
    connection = full()
    [fault] = said(connection.receive(b"\x7f"))
    assert fault.code == "unknown_type"
    assert connection.receive(encode(d.AskText("Hi"), 1)) == [Ask(1, text="Hi")]


def test_frames_of_the_basic_profile_are_a_fault() -> None:
    [fault] = said(full().receive(encode(d.UserTextMessage("Hi"))))
    assert fault.code == "bad_request"


@pytest.mark.parametrize("connection", [basic(), full()], ids=["basic", "full"])
def test_frames_without_sense_never_close_the_connection_by_their_number(connection: Connection) -> None:
    replies = [reply for _ in range(500) for reply in connection.receive(b"\x7f")]
    replies += [reply for _ in range(500) for reply in connection.receive_text()]
    assert {type(reply) for reply in said(replies)} <= {d.Error, d.Fault} and len(replies) == 1000


def test_a_text_message_before_an_id_closes_with_1003() -> None:
    error, close = said(Connection(Limits(), "t").receive_text())
    assert isinstance(error, d.Error) and close.code == 1003


def test_a_text_message_later_gets_an_error_only() -> None:
    [fault] = said(full().receive_text())
    assert fault.code == "bad_request"


def test_own_turns_keep_their_number_and_others_get_one_of_the_servers() -> None:
    connection = full()
    numbers = [connection.number_of(d.Key(tab, 4)) for tab in ("tab-1", "b", "c", "b")]
    assert numbers == [4, 0x8000, 0x8001, 0x8000]
    assert connection.key_of(0x8001) == d.Key("c", 4)


def test_a_hello_whose_json_is_broken_is_told_by_a_fault_too() -> None:
    fault, close = said(Connection(Limits(), "t").receive(b"\x10{"))
    assert (fault.code, fault.fatal, close.code) == ("malformed", True, 4400)


@pytest.mark.parametrize("format", ["pcm16/abc", "pcm16/48000", "pcm16/", "pcm16/-1"])
def test_raw_sound_of_another_rate_is_a_fault(format: str) -> None:
    connection = Connection(Limits(), "unused")
    connection.receive(encode(d.Hello({**HELLO, "audio_in": [format]})))
    [fault] = said(connection.receive(encode(d.AskAudio(0, 0, b"ab"), 1)))
    assert fault.code == "bad_request"


def test_of_a_format_with_an_unknown_name_the_bytes_tell() -> None:
    connection = Connection(Limits(), "unused")
    connection.receive(encode(d.Hello({**HELLO, "audio_in": ["anything"]})))
    connection.receive(encode(d.AskAudio(0, 0, b"ab"), 1))
    assert ended(connection, 2) == [Ask(1, audio=b"ab", format=None)]


def test_a_chunk_of_no_known_format_leaves_an_open_recording_alone() -> None:
    connection = full()
    connection.receive(encode(d.AskAudio(0, 0, b"ab"), 1))
    [fault] = said(connection.receive(encode(d.AskAudio(0, 9, b"cd"), 2)))
    assert fault.code == "bad_request"
    assert ended(connection, 2) == [Ask(1, audio=b"ab", format="pcm16/16000")]


@pytest.mark.parametrize("message", [d.Ok(), d.TextEnd(), d.Welcome({}), d.AnswerText(0, "Hi"), d.Pong(1)])
def test_frames_of_the_servers_own_are_of_an_unknown_type(message: Any) -> None:
    [fault] = said(full().receive(encode(message)))
    assert fault.code == "unknown_type"
    assert [type(reply) for reply in said(basic().receive(encode(message)))] == [d.Error]


@pytest.mark.parametrize("turn", [0, 0x8000])
def test_speaking_again_needs_a_turn_of_the_clients_own(turn: int) -> None:
    [fault] = said(full().receive(encode(d.Speak(0, 2), turn)))
    assert fault.code == "malformed"


@pytest.mark.parametrize("is_another_recorded", [True, False])
def test_the_end_of_a_recording_that_is_none_is_a_fault_and_the_one_end_of_its_turn(
    is_another_recorded: bool,
) -> None:
    connection = full()
    if is_another_recorded:
        connection.receive(encode(d.AskAudio(0, 0, b"ab"), 1))
    first, again = ended(connection, 0, 2), ended(connection, 0, 2)
    assert [type(message) for message in said(first)] == [d.Fault, d.End]
    assert [decode(frame)[1] for frame in first if isinstance(frame, bytes)] == [2, 2]
    assert [type(message) for message in said(again)] == [d.Fault]
    if is_another_recorded:
        [ask] = ended(connection, 2)
        assert ask.audio == b"ab"


@pytest.mark.parametrize("is_another_recorded", [True, False])
def test_to_discard_what_is_not_recorded_ends_its_turn_once(is_another_recorded: bool) -> None:
    connection = full()
    if is_another_recorded:
        connection.receive(encode(d.AskAudio(0, 0, b"ab"), 1))
    assert said(ended(connection, 0, 2, d.AudioEndFlag.DISCARD)) == [d.End(0, 0, d.EndFlag.CUT)]
    assert ended(connection, 0, 2, d.AudioEndFlag.DISCARD) == []
    if is_another_recorded:
        [ask] = ended(connection, 2)
        assert ask.audio == b"ab"


def test_a_client_is_told_what_is_safe_every_32_kb_and_at_the_end_marker() -> None:
    connection, acks = full(), []
    for pos in range(0, 100_000, 5_000):
        replies = connection.receive(encode(d.AskAudio(pos, 1, bytes(5_000)), 1))
        acks += [(pos + 5_000, *decode(reply)) for reply in replies if isinstance(reply, bytes)]
    assert acks == [(size, d.AudioAck(size), 1) for size in (35_000, 70_000)]
    last, ask = connection.receive(encode(d.AskAudioEnd(100_000), 1))
    assert isinstance(last, bytes) and decode(last) == (d.AudioAck(100_000), 1)
    assert isinstance(ask, Ask)


def test_a_first_chunk_of_32_kb_is_acknowledged_and_what_comes_again_is_not() -> None:
    connection = full()
    assert said(connection.receive(encode(d.AskAudio(0, 1, bytes(32_768)), 1))) == [d.AudioAck(32_768)]
    for pos in (0, 0, 32_768):
        assert connection.receive(encode(d.AskAudio(pos, 1, bytes(32_767)), 1)) == []


def test_a_recording_that_cannot_be_asked_is_not_called_safe() -> None:
    connection = full(recording_bytes=40_000)
    connection.receive(encode(d.AskAudio(0, 1, bytes(20_000)), 1))
    assert connection.receive(encode(d.AskAudio(20_000, 1, bytes(40_000)), 1)) == []
    [ask] = connection.receive(encode(d.AskAudioEnd(60_000), 1))
    assert isinstance(ask, Ask) and ask.error is not None and ask.error.code == "too_large"


def test_a_basic_client_is_told_nothing_of_what_is_safe() -> None:
    connection = basic()
    for _ in range(3):
        assert connection.receive(encode(d.UserAudioChunk(bytes(32_768)))) == []


def test_the_sound_of_a_turn_that_was_asked_is_not_gathered_again() -> None:
    connection = full()
    connection.frames_of(d.Key("tab-1", 1), d.Accepted(1))
    assert connection.receive(encode(d.AskAudio(0, 1, bytes(40_000)), 1)) == []
    assert connection.recordings.open is None
    [ask] = connection.receive(encode(d.AskAudioEnd(40_000), 1))
    assert isinstance(ask, Ask) and ask.error is not None


def test_only_a_recording_that_can_go_on_is_let_go_of() -> None:
    connection, refused, one_of_basic = full(), full(), basic()
    connection.receive(encode(d.AskAudio(0, 1, b"ab"), 1))
    refused.receive(encode(d.AskAudio(2, 1, b"ab"), 1))
    one_of_basic.receive(encode(d.UserAudioChunk(b"ab")))
    recording = connection.recordings.let_go()
    assert recording is not None and recording.size == 2
    assert [one.recordings.let_go() for one in (connection, refused, one_of_basic)] == [None] * 3


def test_a_recording_of_a_turn_that_lives_is_thrown_away_without_a_second_end() -> None:
    connection = full()
    connection.frames_of(d.Key("tab-1", 1), d.Accepted(1))
    connection.receive(encode(d.AskAudio(0, 0, b"ab"), 1))
    assert ended(connection, 2, flags=d.AudioEndFlag.DISCARD) == []


def test_an_error_that_closes_does_not_wait_for_the_questions_before_it() -> None:
    connection = basic()
    connection.receive(encode(d.UserTextMessage("one")))
    assert said(connection.error(Busy("Too many."), is_fatal=True)) == [d.Error("Too many.")]


def test_a_turn_that_lives_gets_a_fault_but_no_second_end() -> None:
    connection = full()
    key = d.Key("tab-1", 1)
    connection.frames_of(key, d.Accepted(1))
    assert [type(m) for m in said(connection.receive(encode(d.AskText(""), 1)))] == [d.Fault]
    connection.frames_of(key, COMPLETE)
    assert [type(m) for m in said(connection.receive(encode(d.AskText(""), 1)))] == [d.Fault]
    # The same number of another tab is another turn.
    connection.frames_of(d.Key("other", 2), COMPLETE)
    assert [type(m) for m in said(connection.receive(encode(d.AskText(""), 2)))] == [d.Fault, d.End]


def test_every_turn_that_a_client_can_name_has_one_end_whatever_else_it_names() -> None:
    connection = full()
    for _ in range(2):
        replies = [reply for turn in (1, 2, 7, 8, 0x7FFE, 0x7FFF) for reply in ended(connection, 0, turn)]
    assert [type(message) for message in said(replies)] == [d.Fault] * 6
    connection.receive(encode(d.AskAudio(0, 9, b"ab"), 3))
    connection.receive(encode(d.AskAudio(0, 9, b"ab"), 5))
    over = [ended(connection, 2, turn) for turn in (3, 5, 4)]
    assert [[type(message) for message in said(frames)] for frames in over] == [
        [d.End],
        [d.End],
        [d.Fault, d.End],
    ]
