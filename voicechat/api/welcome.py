"""The first words to a full client: where it is, what it missed, what runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from ..conversation import Conversation, Listener, LiveTurn, follow
from ..dialogue import Cut, End, EndFlag, Key, Message, Welcome
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
    store = house.rooms.store
    stored, more = await store.messages(conversation.chat, after=introduction.have, limit=HISTORY_MESSAGES)
    if not conversation.is_shared:
        stored, more = [], False
    last_turn = await conversation.last_turn(introduction.tab)
    own = {Key(guest.tab, resume.turn): resume for resume in introduction.resume}
    interrupted = {key: await conversation.interrupted(key) for key in own}
    # From here on nothing is awaited, so that no piece of an answer falls between history and stream.
    # An answer of which the end was lost on the way goes on as one that runs.
    resumable = conversation.resumable(guest.tab, own, introduction.have)
    others = {*before, *conversation.visible_to(guest.tab)} - over
    running = sorted({*others, *resumable}, key=lambda turn: turn.n)
    resumed = [turn.key in own and not turn.is_taken_up for turn in running]
    # What is thought of an answer stands there alone, though the answer is told again.
    whole = {turn.n + 1 for turn in resumable}
    history, cut = _fitting(
        [
            message
            for message in stored
            if not _comes_live(message, running, guest.tab)
            or (message.n in whole and message.status == "complete")
        ]
    )
    recordings = [] if guest.recording is None else [guest.recording]
    content = {
        "v": 1,
        "chat": id_,
        # A recording's number is taken too: under it, another one would be taken for its rest.
        "next_turn": max(last_turn, *(recording.turn for recording in recordings), 0) + 1,
        "audio_out": introduction.audio_out if house.speaks else None,
        "hands_free": False,
        "running": [
            _running(guest, turn, is_resumed=is_resumed)
            for turn, is_resumed in zip(running, resumed, strict=True)
        ],
        "recordings": [{"turn": one.turn, "bytes": one.size} for one in recordings],
        "history": {"messages": [message_content(m) for m in history], "more": more or cut},
        **house.facts(),
    }
    send([encode(Welcome(content))])
    conversation.join(guest)
    for turn, is_resumed in zip(running, resumed, strict=True):
        if turn.key.tab == guest.tab:
            has = own[turn.key] if is_resumed else Resume(turn.key.turn, 0, 0)
            # A page that was loaded anew has nothing any more of what it has played.
            follow(turn, guest, has.text, max(has.audio_ms, turn.sound.heard_ms))
        else:
            follow(turn, guest)
    for key, answer in interrupted.items():
        if answer is not None and answer.n in {message.n for message in history}:
            # Of what the page has, the rest was never stored (protocol, rule 8).
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


def _running(guest: NumberedListener, turn: LiveTurn, *, is_resumed: bool) -> dict[str, Any]:
    return {
        "turn": guest.number_of(turn),
        "n": turn.n,
        "text": len(turn.answer.encode()),
        "audio": turn.sound.sent_ms,
        "resumed": is_resumed,
    }


def _fitting(messages: list[Message]) -> tuple[list[Message], bool]:
    """Return the newest messages whose texts fit into WELCOME, and whether some had to stay out."""
    size = 0
    for i, message in enumerate(reversed(messages)):
        size += len(message.text.encode())
        if size > HISTORY_BYTES:
            return messages[len(messages) - i :], True
    return messages, False
