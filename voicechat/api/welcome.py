"""The first words to a full client: where it is, what it missed, what runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..conversation import Conversation, Listener, LiveTurn, follow
from ..dialogue import Cut, End, EndFlag, Key, Message, Welcome
from ..store import Store
from ..wire import Introduction, OpenRecording, Resume, encode
from .house import House
from .v1 import message_content


class NumberedListener(Listener, Protocol):
    """A listener whose connection has numbers of its own for turns."""

    def number_of(self, turn: LiveTurn) -> int: ...

    @property
    def recording(self) -> OpenRecording | None:
        """The one that was open when the last connection of this tab was lost, and goes on over this one."""


HISTORY_MESSAGES = 50
HISTORY_BYTES = 65_536
"""Of text, in WELCOME (protocol, rule 10)."""


async def welcome(
    guest: NumberedListener,
    house: House,
    conversation: Conversation,
    introduction: Introduction,
    id_: str,
    send: Callable[[Iterable[bytes]], None],
) -> None:
    """Send WELCOME, and let *guest* follow what runs and all that comes."""
    before = conversation.visible_to(guest.tab)
    # What has ended by now, the store knows. All else goes on as one that runs, and may end meanwhile.
    over = {turn for turn in before if turn.end is not None}
    known = await _known(house.rooms.store, conversation, introduction)
    # From here on nothing is awaited, so that no piece of an answer falls between history and stream.
    has = {Key(guest.tab, resume.turn): resume for resume in introduction.resume}
    # An answer of which the end was lost on the way goes on as one that runs.
    resumable = conversation.resumable(guest.tab, has, introduction.have)
    others = {*before, *conversation.visible_to(guest.tab)} - over
    running = sorted({*others, *resumable}, key=lambda turn: turn.n)
    history, more = _history(known, running, resumable, guest.tab)
    content = {
        "v": 1,
        "chat": id_,
        "next_turn": max(known.last_turn, guest.recording.turn if guest.recording else 0) + 1,
        "audio_out": introduction.audio_out if house.speaks else None,
        "hands_free": False,
        "running": [_running(guest, turn, has) for turn in running],
        "recordings": _recordings(guest.recording),
        "history": {"messages": [message_content(message) for message in history], "more": more},
        **house.facts(),
    }
    send([encode(Welcome(content))])
    conversation.join(guest)
    for turn in running:
        _follow(turn, guest, has)
    for key, answer in known.interrupted.items():
        if any(message.n == answer.n for message in history):
            _tell_interrupted(guest, key, answer)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store has for who comes."""

    messages: list[Message]
    more: bool
    """Whether there are older ones."""
    last_turn: int
    interrupted: dict[Key, Message]
    """Answers that broke off, of those whose rest is asked for."""


async def _known(store: Store, conversation: Conversation, introduction: Introduction) -> _Known:
    messages, more = await store.messages(conversation.chat, after=introduction.have, limit=HISTORY_MESSAGES)
    if not conversation.is_shared:
        messages, more = [], False
    last_turn = await conversation.asking.last_turn(introduction.tab)
    interrupted = {}
    for resume in introduction.resume:
        key = Key(introduction.tab, resume.turn)
        if (answer := await conversation.interrupted(key)) is not None:
            interrupted[key] = answer
    return _Known(messages, more, last_turn, interrupted)


def _history(
    known: _Known, running: list[LiveTurn], resumable: list[LiveTurn], tab: str
) -> tuple[list[Message], bool]:
    """Return the stored messages that are told as such, and whether there are older ones."""
    # What is thought of an answer stands there alone, though the answer is told again.
    told_again = {turn.n + 1 for turn in resumable}
    messages, cut = _fitting(
        [
            message
            for message in known.messages
            if not _comes_live(message, running, tab)
            or (message.n in told_again and message.status == "complete")
        ]
    )
    return messages, known.more or cut


def _follow(turn: LiveTurn, guest: NumberedListener, has: Mapping[Key, Resume]) -> None:
    """Let *guest* follow *turn* from what it *has*."""
    if turn.key.tab != guest.tab:
        follow(turn, guest)
        return
    resume = has[turn.key] if _is_resumed(turn, has) else Resume(turn.key.turn, 0, 0)
    # A page that was loaded anew has nothing any more of what it has played.
    follow(turn, guest, resume.text, max(resume.audio_ms, turn.sound.heard_ms))


def _is_resumed(turn: LiveTurn, has: Mapping[Key, Resume]) -> bool:
    return turn.key in has and not turn.is_taken_up


def _tell_interrupted(guest: NumberedListener, key: Key, answer: Message) -> None:
    """Of what the page has, the rest was never stored (protocol, rule 8)."""
    size = len(answer.text.encode())
    guest.hear(key, Cut(size))
    guest.hear(key, End(size, 0, EndFlag.FAILED))


def _comes_live(message: Message, running: list[LiveTurn], tab: str) -> bool:
    """Whether *message* is told by the turn itself: its answer, and what others asked or is not heard yet."""
    for turn in running:
        if message.n == turn.n + 1:
            return True
        if message.n == turn.n:
            return turn.key.tab != tab or not message.text
    return False


def _running(guest: NumberedListener, turn: LiveTurn, has: Mapping[Key, Resume]) -> dict[str, Any]:
    return {
        "turn": guest.number_of(turn),
        "n": turn.n,
        "text": len(turn.answer.encode()),
        "audio": turn.sound.sent_ms,
        "resumed": _is_resumed(turn, has),
    }


def _recordings(recording: OpenRecording | None) -> list[dict[str, int]]:
    """Its number is taken, too: under it, another recording would be taken for its rest."""
    return [] if recording is None else [{"turn": recording.turn, "bytes": recording.size}]


def _fitting(messages: list[Message]) -> tuple[list[Message], bool]:
    """Return the newest messages whose texts fit into WELCOME, and whether some had to stay out."""
    size = 0
    for i, message in enumerate(reversed(messages)):
        size += len(message.text.encode())
        if size > HISTORY_BYTES:
            return messages[len(messages) - i :], True
    return messages, False
