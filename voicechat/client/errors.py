"""
What can go wrong between a client and its server, each as one line for a person.

    ClientError
    ├── NotThere      nobody answers at the address, or it is no voicechat
    ├── ModeOff       the server is there, and answers in the other mode only
    ├── Failed        the server says why it gives no answer
    ├── Gone          the connection ended in the middle
    ├── TimedOut      nothing came for too long
    ├── NothingToSave the answer was not spoken, or the file can't be written
    └── NoDevice      the microphone or the loudspeaker of this machine does not work

They are no `VoiceChatError`s: those are what the server tells, and stand in PROTOCOL.md.
"""

from __future__ import annotations


class ClientError(Exception):
    """The root; the text is one line."""


class NotThere(ClientError):
    pass


class ModeOff(ClientError):
    pass


class Failed(ClientError):
    """*code* is one of PROTOCOL.md's, or `http_502` and the like of something between us and the server."""

    def __init__(self, message: str, code: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(" ".join(message.split()))
        self.code = code
        self.retry_after_seconds = retry_after_seconds


class Gone(ClientError):
    pass


class TimedOut(ClientError):
    pass


class NothingToSave(ClientError):
    pass


class NoDevice(ClientError):
    pass
