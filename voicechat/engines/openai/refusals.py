"""
What goes wrong with a provider, and what the visitor is told of it.

Details (status, the provider's own code, request id, the beginning of its body) go to the log,
never to the visitor; the key goes nowhere.
"""

from __future__ import annotations

import email.utils
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
import orjson

from ...errors import (
    BadAudio,
    ProviderBusy,
    ProviderFailed,
    ProviderLacks,
    ProviderQuota,
    ProviderTimeout,
    QuestionRefused,
    TooLarge,
    VoiceChatError,
)
from ..interface import Job

log = logging.getLogger("voicechat.engines.openai")

SERVICES: dict[Job, str] = {"stt": "speech recognition", "chat": "chat service", "tts": "speech service"}
"""What a visitor calls the three jobs."""

_QUOTA = {"insufficient_quota", "billing_hard_limit_reached", "insufficient_balance"}

_QUESTION = {"content_filter", "content_policy_violation", "invalid_prompt", "context_length_exceeded"}
"""What is said of a question: Azure's filter, OpenAI's two, and a chat that is too long for the model."""


class Unusable(Exception):
    """An answer that came and can't be used: cut off, empty, too large or not in the expected form."""


class Refusal(Exception):
    """A provider's no: an error status, or an error object where the answer should be."""

    def __init__(self, status: int, body: bytes, headers: Mapping[str, str], *, now_seconds: float) -> None:
        """*now_seconds* is the wall clock: a `Retry-After` may be a date."""
        self.status = status
        error = _error_object(body)
        self.code = str(error.get("code") or "")
        self.kind = str(error.get("type") or "")
        self.param = str(error.get("param") or "").replace("None", "")  # LiteLLM writes the word
        self.body = body.decode("utf-8", "replace")
        self.request_id = headers.get("x-request-id", "")
        self.retry_after_seconds = retry_after(headers, now_seconds)
        self._should_retry = headers.get("x-should-retry", "")
        super().__init__(f"status {status}, code {self.code or self.kind!r}, request {self.request_id!r}")

    @classmethod
    def in_stream(cls, error: object) -> Refusal:
        """Return the refusal that an error object inside an answer of status 200 stands for."""
        fields = error if isinstance(error, dict) else {}
        code, kind = fields.get("code"), fields.get("type")
        if str(code).isdecimal() and 400 <= int(str(code)) < 600:
            status = int(str(code))
        elif isinstance(error, str) and "endpoint" in error:
            status = (
                404  # LM Studio's answer to an unknown address has status 200 and an error that is a text
            )
        elif "rate_limit" in f"{code} {kind}":
            status = 429
        else:
            status = 400 if kind == "invalid_request_error" else 500
        return cls(status, orjson.dumps({"error": error}), {}, now_seconds=0)

    @property
    def out_of_quota(self) -> bool:
        """Whether the account behind the key has no money left: waiting does not help."""
        return self.status == 402 or self.code in _QUOTA or self.kind in _QUOTA

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later; as the openai package has it, and the quota."""
        if self.out_of_quota or self._should_retry == "false":
            return False
        if self._should_retry == "true" or self.status in (408, 409, 429):
            return True
        return self.status >= 500 and self.status != 501

    @property
    def busy(self) -> bool:
        """Whether it takes no more just now: a limit of its own, or a time to come back at."""
        if not self.retryable or self.status in (408, 504):
            return False
        return self.status in (429, 503, 529) or self.retry_after_seconds is not None

    @property
    def about_the_question(self) -> bool:
        """Whether it says that this is not answered, and others are."""
        return self.status == 400 and self.code in _QUESTION

    @property
    def about_the_model(self) -> bool:
        """
        Whether it says that the model is unknown, and not the address.

        The servers have no common code for it (`model_not_found`, `DeploymentNotFound`, a `detail`),
        but all of them name what is missing, and none does so where the address is unknown.
        """
        return any(word in self.body.lower() for word in ("model", "deployment"))

    @property
    def about_the_speed(self) -> bool:
        """Whether it says that speech at this speed can't be had, and not that speech can't."""
        return self.status in (400, 422) and (self.param == "speed" or "speed" in self.body.lower())

    @property
    def about_the_recording(self) -> bool:
        """
        Whether it says that the recording can't be read.

        OpenAI's own "Invalid file format" has neither `param` nor `code`: there the text alone tells.
        """
        if self.status == 415:
            return True
        if self.status not in (400, 422) or self.param not in ("", "file"):
            return False
        named = any(word in self.body.lower() for word in ("file", "audio"))
        return self.param == "file" or (named and not self.about_the_model)


def retry_after(headers: Mapping[str, str], now_seconds: float) -> float | None:
    """Return the seconds that a provider asks to wait; None: it does not say. Never negative."""
    for name, per_second in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers[name]) / per_second
        except (KeyError, ValueError):
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    try:
        when = email.utils.parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    return max(0.0, when.timestamp() - now_seconds)


def _error_object(body: bytes) -> dict[str, Any]:
    """`{"error": {…}}` of OpenAI, `{"error": "…"}` and `{"detail": "…"}` of others."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    error = content.get("error", content) if isinstance(content, dict) else {}
    return error if isinstance(error, dict) else {}


@contextmanager
def translated(job: Job, secret: str | None = None) -> Iterator[None]:
    """
    The border: whatever goes wrong inside leaves as an error of this house.

    *secret* is taken out of what is logged, should a provider repeat it.

    Raises:
        ProviderError, BadAudio, TooLarge: In place of every error of the provider or of the way to it.
    """
    service = SERVICES[job]
    try:
        yield
    except Refusal as exc:
        body = exc.body.replace(secret, "***") if secret else exc.body
        log.log(_level(exc), "The provider of %s refused: %s: %.500r", job, exc, body)
        raise _verdict(job, exc) from exc
    except TimeoutError as exc:
        log.warning("The provider of %s did not answer in time: %s", job, exc or "time limit")
        raise ProviderTimeout(f"The {service} did not answer in time.") from exc
    except (aiohttp.ClientError, OSError) as exc:
        log.warning("The provider of %s cannot be reached, or broke off: %s", job, exc)
        raise ProviderFailed(f"The connection to the {service} failed.") from exc
    except Unusable as exc:
        log.warning("The provider of %s gave an answer that cannot be used: %s", job, exc)
        raise ProviderFailed(f"The {service} gave no usable answer.") from exc


def _level(refusal: Refusal) -> int:
    """What only the operator can mend is an error; the rest passes by itself."""
    return logging.ERROR if refusal.out_of_quota or refusal.status in (401, 403, 404) else logging.WARNING


def _verdict(job: Job, refusal: Refusal) -> VoiceChatError:
    service = SERVICES[job]
    status, wait = refusal.status, refusal.retry_after_seconds
    if job != "chat" and status in (404, 405, 501) and not refusal.about_the_model:
        return ProviderLacks(f"This provider has no {service}.")
    if job == "stt" and refusal.about_the_recording:
        return BadAudio("The recording could not be read.")
    if job == "stt" and status == 413:
        return TooLarge("The recording is too large for the speech recognition.")
    if refusal.out_of_quota:
        return ProviderQuota(f"The {service} is not available at the moment. Please try again another time.")
    if status in (408, 504):
        return ProviderTimeout(f"The {service} did not answer in time.", retry_after_seconds=wait)
    if refusal.busy:
        return ProviderBusy(f"The {service} is busy. Please try again later.", retry_after_seconds=wait)
    if refusal.about_the_question:
        return QuestionRefused(f"The {service} does not answer this.")
    return ProviderFailed(f"The {service} cannot answer just now.")
