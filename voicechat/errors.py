"""
Every error that a visitor, a client or an operator can meet.

The class says whose fault it is; `code` is what programs read, the text what a person reads,
and `status` is the HTTP status of mode v1. Both modes use the same codes.

    VoiceChatError
    ├── ConfigError                 the operator's: a setting is wrong
    ├── RequestError                the client's
    │   ├── BadRequest              400 bad_request
    │   │   ├── Malformed           400 malformed: bytes that are no frame of the protocol
    │   │   └── UnknownType         400 unknown_type: a frame of a number this server does not know
    │   ├── BadAudio                400 bad_audio
    │   ├── Unauthorized            401 unauthorized: no secret of a chat, or a wrong one
    │   ├── OriginRefused           403 origin_refused
    │   ├── NotFound                404 not_found
    │   │   ├── NotKept             404 not_kept: the text is there, its sound is not
    │   │   ├── ChatGone            404 chat_gone
    │   │   │   └── ChatErased      404 chat_erased: while this question was open
    │   │   └── ModeOff             404 mode_off
    │   ├── BadMethod               405 bad_method
    │   ├── KeyInUse                409 key_in_use
    │   ├── TooLarge                413 too_large
    │   │   └── TooLong             413 too_long
    │   ├── UnknownFormat           415 unknown_format
    │   ├── KeyReused               422 key_reused
    │   ├── NothingHeard            422 nothing_heard
    │   └── Busy                    429 busy
    ├── ProviderError               an engine's, or the provider's behind it
    │   ├── ProviderFailed          502 provider_failed
    │   │   ├── ProviderLacks       502 provider_lacks: it has no such service at all
    │   │   ├── QuestionRefused     502 provider_failed: this question, and no other
    │   │   ├── TakenOver           502 provider_failed: in the middle of a text, and another voice is there
    │   │   └── ProviderQuota       502 provider_quota: its account has no money left; waiting does not help
    │   ├── ProviderBusy            503 provider_busy
    │   └── ProviderTimeout         504 provider_timeout
    └── Unavailable                 503 unavailable: this server is full, draining or has no such engine
        └── WarmingUp               503 warming_up
"""

from typing import ClassVar


class VoiceChatError(Exception):
    """
    The root of the tree.

    The text is meant for a person on the other side: it holds no secret and no detail of a
    provider's answer; those go to the log.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
        """When trying again makes sense; None: nothing is known."""


class ConfigError(VoiceChatError):
    code = "config"


class RequestError(VoiceChatError):
    code = "bad_request"
    status = 400


class BadRequest(RequestError):
    pass


class Malformed(BadRequest):
    code = "malformed"


class UnknownType(BadRequest):
    code = "unknown_type"


class BadAudio(RequestError):
    code = "bad_audio"


class Unauthorized(RequestError):
    code = "unauthorized"
    status = 401


class OriginRefused(RequestError):
    code = "origin_refused"
    status = 403


class NotFound(RequestError):
    code = "not_found"
    status = 404


class NotKept(NotFound):
    code = "not_kept"


class ChatGone(NotFound):
    code = "chat_gone"


class ChatErased(ChatGone):
    code = "chat_erased"


class ModeOff(NotFound):
    code = "mode_off"


class BadMethod(RequestError):
    code = "bad_method"
    status = 405


class KeyInUse(RequestError):
    code = "key_in_use"
    status = 409


class TooLarge(RequestError):
    code = "too_large"
    status = 413


class TooLong(TooLarge):
    code = "too_long"


class UnknownFormat(RequestError):
    code = "unknown_format"
    status = 415


class KeyReused(RequestError):
    code = "key_reused"
    status = 422


class NothingHeard(RequestError):
    code = "nothing_heard"
    status = 422


class Busy(RequestError):
    code = "busy"
    status = 429


class ProviderError(VoiceChatError):
    code = "provider_failed"
    status = 502


class ProviderFailed(ProviderError):
    pass


class ProviderLacks(ProviderFailed):
    code = "provider_lacks"


class QuestionRefused(ProviderFailed):
    """It is about what was asked, and the provider answers others: no trouble of its own."""


class TakenOver(ProviderFailed):
    """Of what was asked for a part was given out. Ask again for what is missing: another engine does it."""


class ProviderQuota(ProviderFailed):
    code = "provider_quota"


class ProviderBusy(ProviderError):
    code = "provider_busy"
    status = 503


class ProviderTimeout(ProviderError):
    code = "provider_timeout"
    status = 504


class Unavailable(VoiceChatError):
    code = "unavailable"
    status = 503


class WarmingUp(Unavailable):
    code = "warming_up"


def of_code(code: str, message: str) -> VoiceChatError:
    """Return the error that programs know as *code*; one that none of ours has is the root's."""
    return _classes().get(code, VoiceChatError)(message)


def _classes() -> dict[str, type[VoiceChatError]]:
    """Return who brought each code in; those below who share it share the status too."""
    found: dict[str, type[VoiceChatError]] = {}
    waiting = [VoiceChatError]
    for kind in waiting:
        found.setdefault(kind.code, kind)
        waiting += kind.__subclasses__()
    return found
