"""The microphone and the loudspeaker of this machine, where `sounddevice` is installed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..audio import HEARING_RATE, SPEECH_BYTES_PER_MS, SPEECH_RATE
from .errors import NoDevice
from .spoken import PIECE_MS

MOST_PIECES = 600
"""Of a recording that are not taken yet: a minute; past it the rest is dropped."""


@contextmanager
def _working(library: Any) -> Iterator[None]:
    try:
        yield
    except library.PortAudioError as exc:
        raise NoDevice(f"The sound device does not work: {exc}") from exc


class Microphone:
    def __init__(self, library: Any) -> None:
        self._library = library

    async def record(self, until: asyncio.Future[Any], longest_seconds: float) -> AsyncGenerator[bytes, None]:
        """
        Yield PCM of `HEARING_RATE` in pieces of `PIECE_MS` until *until* is done.

        Raises:
            NoDevice: If it can't be opened.
        """
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[bytes | None] = asyncio.Queue()

        def take(data: Any, *_: object) -> None:
            loop.call_soon_threadsafe(put, bytes(data))

        def put(piece: bytes) -> None:
            if pieces.qsize() < MOST_PIECES:
                pieces.put_nowait(piece)

        def stop(_: object) -> None:
            pieces.put_nowait(None)

        until.add_done_callback(stop)
        try:
            with _working(self._library), self._stream(take):
                for _ in range(int(longest_seconds * 1000 / PIECE_MS)):
                    if (piece := await pieces.get()) is None:
                        break
                    yield piece
        finally:
            until.remove_done_callback(stop)

    def _stream(self, take: Callable[..., None]) -> Any:
        return self._library.RawInputStream(
            samplerate=HEARING_RATE,
            channels=1,
            dtype="int16",
            blocksize=HEARING_RATE * PIECE_MS // 1000,
            callback=take,
        )


class Loudspeaker:
    """Plays one answer after the other."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._stream: Any = None
        self._lock = threading.Lock()
        self._waiting = bytearray()
        self._played_bytes = 0
        self._is_silent = threading.Event()

    def begin(self) -> None:
        """Make ready for a new answer."""
        self.stop()
        self._played_bytes = 0

    def play(self, pcm: bytes) -> None:
        """
        Let *pcm* of `SPEECH_RATE` sound after what is sounding.

        Raises:
            NoDevice: If the loudspeaker can't be opened.
        """
        with self._lock:
            self._waiting += pcm
            self._is_silent.clear()
        if self._stream is None:
            with _working(self._library):
                self._stream = self._library.RawOutputStream(
                    samplerate=SPEECH_RATE, channels=1, dtype="int16", callback=self._fill
                )
                self._stream.start()

    def _fill(self, out: Any, *_: object) -> None:
        """Fill *out*, in the thread of the sound: with silence where nothing waits."""
        size = len(out)
        with self._lock:
            data = bytes(self._waiting[:size])
            del self._waiting[:size]
            self._played_bytes += len(data)
            if not self._waiting:
                self._is_silent.set()
        out[:] = data.ljust(size, b"\0")

    @property
    def playhead_ms(self) -> int:
        return self._played_bytes // SPEECH_BYTES_PER_MS

    async def drained(self) -> None:
        """Return when all that was given has sounded."""
        if (stream := self._stream) is not None:
            await asyncio.to_thread(self._is_silent.wait)
            # What the device has taken has not sounded yet.
            await asyncio.sleep(stream.latency)

    def stop(self) -> None:
        """Fall silent."""
        with self._lock:
            self._waiting.clear()
            self._is_silent.set()
        if self._stream is not None:
            self._stream.close()
            self._stream = None


def find_devices() -> tuple[Microphone | None, Loudspeaker | None, str]:
    """Return what there is, and in words what is missing and brings it."""
    try:
        import sounddevice
    except ImportError:
        return None, None, "Neither microphone nor sound: pip install sounddevice brings them."
    except OSError:
        return None, None, "Neither microphone nor sound: sounddevice finds no PortAudio (libportaudio2)."
    microphone = loudspeaker = None
    missing = []
    try:
        sounddevice.check_input_settings(channels=1, dtype="int16", samplerate=HEARING_RATE)
        microphone = Microphone(sounddevice)
    except (sounddevice.PortAudioError, ValueError) as exc:
        missing.append(f"No microphone: {exc}.")
    try:
        sounddevice.check_output_settings(channels=1, dtype="int16", samplerate=SPEECH_RATE)
        loudspeaker = Loudspeaker(sounddevice)
    except (sounddevice.PortAudioError, ValueError) as exc:
        missing.append(f"No sound: {exc}.")
    return microphone, loudspeaker, " ".join(missing)
