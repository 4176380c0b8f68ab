"""The language that a client names: it reaches engines and prompts, so it has one form at every door."""

from __future__ import annotations

import re
from typing import Any

from ..errors import BadRequest

LONGEST_LANGUAGE = 35
"""Characters that hold every tag in use (RFC 5646, section 4.4.1)."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,5}")


def parse_language(value: Any) -> str | None:
    """
    Return the language tag (BCP 47) that is *value*; None: none was named.

    Raises:
        BadRequest: If it is anything else.
    """
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > LONGEST_LANGUAGE or not _LANGUAGE.fullmatch(value):
        raise BadRequest("The language is a tag of BCP 47, such as en or de-CH.")
    return value
