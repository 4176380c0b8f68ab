"""Recordings that are small to send and meant to be dear to decode, and what one of them costs."""

from __future__ import annotations

import io
import re
import struct
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soundfile

from voicechat.audio import Recording, decode, identify, wav
from voicechat.errors import VoiceChatError


@dataclass(frozen=True)
class Cost:
    outcome: str
    """The name of the error; otherwise how many seconds were decoded."""
    cpu_seconds: float
    megabytes: int
    """By how much the process grew at most."""


def cost(data: bytes, max_seconds: float) -> Cost:
    """Decode *data* and look at what that took. For Linux, whose peak of memory can be set back."""
    Path("/proc/self/clear_refs").write_text("5")
    before, started = _peak_megabytes(), time.process_time()
    try:
        pcm = decode(Recording(data, identify(data)), rate=16_000, max_seconds=max_seconds)
        outcome = f"{len(pcm) / 32_000:g} s"
    except VoiceChatError as exc:
        outcome = type(exc).__name__
    return Cost(outcome, time.process_time() - started, _peak_megabytes() - before)


def _peak_megabytes() -> int:
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("utf-8"))
    assert peak, "Linux did not say how large this process was"
    return int(peak[1]) // 1024


def silent_ogg(minutes: int) -> bytes:
    """Opus packets of two bytes, each of which says: two frames of 60 ms, nothing in them (RFC 6716, 3.2)."""
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as out:
        stream = out.add_stream("libopus", rate=48_000)
        stream.layout = "mono"
        out.start_encoding()
        for number in range(minutes * 500):
            packet = av.Packet(bytes([3 << 3 | 3, 2]))
            packet.stream, packet.time_base = stream, stream.time_base
            packet.pts = packet.dts = number * 5_760
            out.mux(packet)
    return file.getvalue()


def silent_flac(minutes: int) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(minutes * 60 * 8_000, np.int16), 8_000, format="FLAC")
    return file.getvalue()


def flac_with_picture(side: int) -> bytes:
    """A second of sound behind a black PNG of *side* pixels squared."""
    rows = zlib.compress(bytes(side * (1 + 3 * side)), 9)
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + _png(b"IHDR", head) + _png(b"IDAT", rows) + _png(b"IEND", b"")
    picture = struct.pack(">II9sIIIIII", 3, 9, b"image/png", 0, side, side, 24, 0, len(png)) + png
    file = io.BytesIO()
    soundfile.write(file, np.zeros(8_000, np.int16), 8_000, format="FLAC")
    flac = file.getvalue()
    picture_block = bytes([6]) + len(picture).to_bytes(3, "big") + picture
    return flac[:4] + bytes([flac[4] & 0x7F]) + flac[5:42] + picture_block + flac[42:]


def _png(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data), name) + data + struct.pack(">I", zlib.crc32(name + data))


def compressed_tag(megabytes: int) -> bytes:
    """An ID3v2.4 tag whose only text is zeros, compressed."""
    size = megabytes << 20
    text = _seven_bits(size) + zlib.compress(bytes(size), 9)
    frame = b"TXXX" + _seven_bits(len(text)) + b"\0\x09" + text
    return b"ID3\x04\0\0" + _seven_bits(len(frame)) + frame


def _seven_bits(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def wav_with_tag(tag: bytes, pcm: bytes) -> bytes:
    plain = wav(pcm, 16_000)
    return plain[:36] + b"id3 " + struct.pack("<I", len(tag)) + tag + b"\0" * (len(tag) % 2) + plain[36:]


def box(name: bytes, *parts: bytes, flags: int | None = None) -> bytes:
    """An MP4 box; one with *flags* carries a version, too."""
    body = (b"" if flags is None else struct.pack(">I", flags)) + b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), name) + body


def mp4(samples: int, *, edits: bytes = b"", more: bytes = b"") -> bytes:
    """AAC that claims *samples* of one byte each, all of them in one chunk."""
    config = bytes.fromhex("03808080220002000480808014401500000000 00fa000000fa000580808002118806808080 0102")
    entry = bytes(6) + struct.pack(">H8xHHHHI", 1, 2, 16, 0, 0, 48_000 << 16)
    aac = box(b"mp4a", entry, box(b"esds", config, flags=0))
    table = box(
        b"stbl",
        box(b"stsd", struct.pack(">I", 1), aac, flags=0),
        box(b"stts", struct.pack(">III", 1, samples, 1024), flags=0),
        box(b"stsc", struct.pack(">IIII", 1, 1, samples, 1), flags=0),
        box(b"stsz", struct.pack(">II", 1, samples), flags=0),
        box(b"stco", struct.pack(">II", 1, 900), flags=0),
    )
    media = box(
        b"mdia",
        box(b"mdhd", struct.pack(">IIIII", 0, 0, 48_000, 1_000_000, 0), flags=0),
        box(b"hdlr", bytes(4), b"soun", bytes(13), flags=0),
        box(b"minf", box(b"smhd", bytes(4), flags=0), table),
    )
    track = box(b"trak", box(b"tkhd", struct.pack(">5I60x", 0, 0, 1, 0, 1_000_000), flags=7), edits, media)
    movie = box(b"moov", box(b"mvhd", struct.pack(">4I80x", 0, 0, 1000, 1_000_000), flags=0), track, more)
    return box(b"ftyp", b"isom\0\0\0\0isom") + movie + box(b"mdat", bytes(4_000))


def mp4_of_one_fragment(samples: int) -> bytes:
    extends = box(b"mvex", box(b"trex", struct.pack(">5I", 1, 1, 1024, 1, 0), flags=0))
    run = box(b"trun", struct.pack(">I", samples), flags=0)
    track = box(b"traf", box(b"tfhd", struct.pack(">I", 1), flags=0x20000), run)
    return mp4(0, more=extends) + box(b"moof", box(b"mfhd", struct.pack(">I", 1), flags=0), track)


def mp4_of_edits(samples: int, edits: int) -> bytes:
    """Each edit names all the samples."""
    edit = struct.pack(">IIHH", samples * 1024 // 48, 0, 1, 0)
    return mp4(samples, edits=box(b"edts", box(b"elst", struct.pack(">I", edits), edit * edits, flags=0)))


def element(number: str, body: bytes | int | float) -> bytes:
    """An EBML element."""
    if isinstance(body, int):
        body = body.to_bytes(4, "big")
    elif isinstance(body, float):
        body = struct.pack(">d", body)
    return bytes.fromhex(number) + (len(body) | 1 << 56).to_bytes(8, "big") + body


def webm_of_nothing_compressed(blocks: int) -> bytes:
    """Every block of 10 kB is 10 MB of zeros for zlib."""
    packed = zlib.compress(bytes(9_900_000), 9)
    opus = b"OpusHead" + struct.pack("<BBHIHB", 1, 1, 0, 48_000, 0, 0)
    by_zlib = element("5034", element("4254", 0))
    encoding = element("6D80", element("6240", element("5032", 1) + by_zlib))
    codec = element("86", b"A_OPUS") + element("63A2", opus)
    sound = element("E1", element("9F", 1) + element("B5", 48_000.0))
    track = element("AE", element("D7", 1) + element("73C5", 1) + element("83", 2) + codec + encoding + sound)
    block = element("A3", b"\x81\0\0\x80" + packed)
    segment = element("1654AE6B", track) + element("1F43B675", element("E7", 0) + block * blocks)
    return element("1A45DFA3", element("4282", b"webm")) + element("18538067", segment)
