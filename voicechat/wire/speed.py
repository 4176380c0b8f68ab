"""The speed at which a client wants to be spoken to."""

from __future__ import annotations

from ..config import FASTEST, SLOWEST
from ..dialogue import Json
from ..errors import BadRequest


def parse_speed(content: Json) -> float | None:
    """
    Return the speed that *content* names, in hundredths: finer steps nobody hears; None: it names none.

    Raises:
        BadRequest: If it is no number within the bounds.
    """
    speed = content.get("speed")
    if speed is None:
        return None
    # Not `isinstance` alone: JSON's true is an int to it. NaN is within no bounds.
    if type(speed) not in (int, float) or not SLOWEST <= speed <= FASTEST:
        raise BadRequest(f"A speed is a number from {SLOWEST:g} to {FASTEST:g}; 1 is the voice's own pace.")
    return round(float(speed), 2)
