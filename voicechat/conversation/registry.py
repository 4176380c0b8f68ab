"""All conversations of this server: opened by an id, dropped when nothing is live."""

from __future__ import annotations

import asyncio
import hmac
import logging

from ..dialogue import CancelReason, Key
from ..errors import ChatGone, Unauthorized
from ..guard import is_minted, mint_chat, parse_chat
from ..turn import Rooms, Wish
from .audience import Listener
from .conversation import Conversation

KEPT_SOUND_BYTES = 64 << 20
"""Of all chats in which nobody is: some 23 minutes of PCM."""

log = logging.getLogger("voicechat.conversation")


class Conversations:
    """Finds the one conversation of a chat; a chat at rest costs only its rows in the store."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._live: dict[str, Conversation] = {}
        self._is_held = False

    async def create(self) -> str:
        """
        Make a chat and return its id, which holds its secret.

        Raises:
            Unavailable: If there is no room for another one.
        """
        id_ = mint_chat()
        parsed = parse_chat(id_)
        await self._rooms.store.create(parsed.name, parsed.secret_hash)
        return id_

    async def find(self, id_: str) -> str:
        """
        Return the name under which the store keeps the chat *id_*; this counts as using it.

        A minted id must be there and its secret right; a client's own is made where it is not.

        Raises:
            ChatGone: If there is no such chat.
            Unauthorized: If there is one, and the secret is wrong.
            BadRequest, Unavailable: If the id is none, or there is no room for another chat.
        """
        parsed = parse_chat(id_)
        store = self._rooms.store
        if parsed.secret_hash is None:
            await store.create(parsed.name, None)
        elif not hmac.compare_digest(await store.secret_hash(parsed.name) or b"", parsed.secret_hash):
            raise Unauthorized("This is not the id of the chat: its secret is wrong.")
        await store.touch(parsed.name)
        return parsed.name

    async def enter(
        self,
        id_: str,
        listener: Listener,
        wish: Wish | None = None,
        language: str | None = None,
        lead_ms: int | None = None,
    ) -> Conversation:
        """
        Return the conversation of the chat *id_*, which stays as long as *listener* has not left it.

        *wish*, *language* and *lead_ms* are how it hears what it asked before the server was started again.

        Raises:
            ChatGone, Unauthorized, BadRequest, Unavailable: As `find` does.
        """
        name = await self.find(id_)
        waiting = [] if name in self._live else await self._rooms.store.unanswered(name)
        # No await from here on: a sweep or another guest between could make two of one chat.
        conversation = self._live.get(name)
        if conversation is None:
            conversation = self._live[name] = Conversation(name, self._rooms, is_shared=is_minted(name))
            if self._is_held:
                conversation.hold()
            conversation.asking.take_up(waiting, listener.tab, wish, language, lead_ms)
        conversation.enter(listener)
        return conversation

    async def erase(self, chat: str) -> None:
        """
        Forget all that was said in *chat*, and tell who shows it.

        Raises:
            ChatGone: If there is no such chat.
        """
        await self._rooms.store.erase(chat)
        if (conversation := self._live.pop(chat, None)) is not None:
            await conversation.erase()

    async def cancel(self, chat: str, key: Key, heard_ms: int, reason: CancelReason) -> None:
        """Stop a turn of *chat*, as `Conversation.cancel` does; nothing happens where it is at rest."""
        if (conversation := self._live.get(chat)) is not None:
            await conversation.cancel(key, heard_ms, reason)

    async def sweep(self, idle_seconds: float) -> None:
        """Drop conversations in which nothing is live, and forget chats that were idle too long."""
        for name, conversation in list(self._live.items()):
            try:
                await conversation.settle()
                if conversation.is_idle:
                    del self._live[name]
                    continue
                await self._rooms.store.touch(name)
            except ChatGone:
                # It was not looked after for long, and had to make room; others are still to be looked after.
                log.info("A chat in which somebody is was forgotten")
                conversation.recordings.clear()
        self._bound_kept_sound()
        if forgotten := await self._rooms.store.forget_idle(idle_seconds):
            log.info("Forgot %d idle chats", forgotten)

    def _bound_kept_sound(self) -> None:
        """Who left last comes back soonest: past the bound the others find their answers without sound."""
        kept_bytes = 0
        for conversation in sorted(self._live.values(), key=lambda one: one.left_at, reverse=True):
            kept_bytes += conversation.kept_bytes
            if kept_bytes > KEPT_SOUND_BYTES:
                conversation.forget_sound()

    @property
    def is_awaited(self) -> bool:
        """Whether any answer is asked for, or runs and is waited for or not written yet."""
        return any(one.awaited() or one.asking.is_busy for one in self._live.values())

    def hold(self) -> None:
        """
        Begin nothing that is asked from now on: it waits in the store for the next process.

        To be broken off in the middle would be worse for who asked than to wait for that one.
        """
        self._is_held = True
        for conversation in self._live.values():
            conversation.hold()

    async def close(self) -> None:
        """Stop every running answer: what was said is kept, and what was not begun waits in the store."""
        await asyncio.gather(*(conversation.close() for conversation in self._live.values()))
