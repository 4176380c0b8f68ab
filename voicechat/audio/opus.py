"""What a packet of Opus says of itself; every decoder is bound by it."""

from __future__ import annotations

_FRAME_MS = (10, 20, 40, 60) * 3 + (10, 20) * 2 + (2.5, 5, 10, 20) * 4
"""By the first five bits of a packet (RFC 6716, table 2)."""


def packet_seconds(packet: bytes) -> float:
    """Return how long a packet sounds: its first byte's word, and for three frames or more its second's."""
    if not packet:
        return 0.0
    frames = (1, 2, 2, packet[1] & 63 if len(packet) > 1 else 0)[packet[0] & 3]
    return frames * _FRAME_MS[packet[0] >> 3] / 1000
