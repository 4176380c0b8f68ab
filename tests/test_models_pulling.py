"""Whole models into the folder: room, locks, manifests, mending, and how far it is."""

from __future__ import annotations

import asyncio
import io
import json
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from voicechat.errors import ConfigError
from voicechat.models.kept import all_kept, find, folder_of, read_manifest
from voicechat.models.meter import Meter, parts, size
from voicechat.models.place import Patience, Place, PullError, place_at
from voicechat.models.pulling import check_room, is_whole, pull

from .hub import COMMIT, Behaviour, Hub, hub

BASE = "Systran/faster-whisper-base.en"
THORSTEN = "de_DE-thorsten-medium"
EARS_FILES = {"config.json": b"{}", "model.bin": bytes(range(256)) * 4_000}
VOICE_FILES = {".onnx": bytes(200_000), ".onnx.json": b"{}", "MODEL_CARD": b"CC0"}
HASTE = Patience(first_pause_seconds=0)


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[Hub, Place]]:
    async with hub() as stand_in, place_at(stand_in.url, HASTE) as place:
        stand_in.add_ears(BASE, EARS_FILES)
        stand_in.add_ears("someone/ears", EARS_FILES)
        stand_in.add_voice(THORSTEN, VOICE_FILES)
        yield stand_in, place


async def pulled(place: Place, models: Path, *names: str) -> str:
    """Pull *names*; return what was told on the way."""
    err = io.StringIO()
    for name in names:
        await pull(place, models, await place.wanted(name), err)
    return err.getvalue()


async def test_what_was_pulled_is_found_by_its_name(tmp_path: Path) -> None:
    async with opened() as (_, place):
        told = await pulled(place, tmp_path, "base.en", THORSTEN, "someone/ears")
    assert told.splitlines() == ["base.en: 1.0 MB", f"{THORSTEN}: 200.0 kB", "someone/ears: 1.0 MB"]
    assert find(tmp_path, "base.en", "stt") == tmp_path / "base.en"
    assert find(tmp_path, THORSTEN, "tts") == tmp_path / THORSTEN / f"{THORSTEN}.onnx"
    assert find(tmp_path, "someone/ears", "stt") == tmp_path / "someone--ears"
    assert find(tmp_path, THORSTEN, "stt") is None and find(tmp_path, "small", "stt") is None
    assert [(one.name, one.state) for one in all_kept(tmp_path)] == [
        ("base.en", "whole"),
        (THORSTEN, "whole"),
        ("someone/ears", "whole"),
    ]
    assert read_manifest(tmp_path / "base.en").source == f"{BASE}@{COMMIT}"
    files = {path.name for path in (tmp_path / THORSTEN).iterdir()}
    assert files == {f"{THORSTEN}.onnx", f"{THORSTEN}.onnx.json", "MODEL_CARD", "manifest.json", ".lock"}


async def test_a_model_has_one_folder_under_both_its_names(tmp_path: Path) -> None:
    async with opened() as (stand_in, place):
        stand_in.add_ears("mobiuslabsgmbh/faster-whisper-large-v3-turbo", EARS_FILES)
        await pulled(place, tmp_path, "large-v3-turbo")
    found = tmp_path / "large-v3-turbo"
    assert find(tmp_path, "turbo", "stt") == find(tmp_path, "large-v3-turbo", "stt") == found


async def test_no_other_name_becomes_a_path(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "manifest.json").write_text("{}")
    for name in ("..", "../models", "a/../..", str(tmp_path)):
        assert find(tmp_path / "models", name, "stt") is None
        with pytest.raises(ValueError, match="no model's name"):
            folder_of(tmp_path / "models", name)


async def test_what_broke_off_in_the_middle_of_a_model_goes_on_there(tmp_path: Path) -> None:
    async with opened() as (stand_in, place):
        stand_in.behaviours.extend([Behaviour(), *[Behaviour(cut_after=0)] * HASTE.tries])
        with pytest.raises(PullError):
            await pulled(place, tmp_path, "base.en")
        [kept] = all_kept(tmp_path)
        assert (kept.state, kept.size) == ("unfinished", 2) and not is_whole(tmp_path, "base.en")
        with pytest.raises(
            ConfigError, match=r"not come to its end\. To mend it: voicechat models pull base\.en$"
        ):
            find(tmp_path, "base.en", "stt")
        stand_in.asked.clear()
        await pulled(place, tmp_path, "base.en")
        assert [path.rpartition("/")[2] for path, _ in stand_in.asked] == ["model.bin"]
    assert is_whole(tmp_path, "base.en")


@pytest.mark.parametrize("damage", ["changed", "cut", "missing", "no manifest", "another manifest"])
async def test_what_is_broken_is_told_and_mended_by_pulling_it_again(tmp_path: Path, damage: str) -> None:
    async with opened() as (stand_in, place):
        await pulled(place, tmp_path, "base.en")
        file, manifest = tmp_path / "base.en" / "model.bin", tmp_path / "base.en" / "manifest.json"
        match damage:
            case "changed":
                file.write_bytes(file.read_bytes()[::-1])
            case "cut":
                file.write_bytes(file.read_bytes()[:-1])
            case "missing":
                file.unlink()
            case "no manifest":
                manifest.write_text("[]")
            case _:
                other = json.loads(manifest.read_bytes())
                other["files"][0]["name"] = "../model.bin"
                manifest.write_text(json.dumps(other))
        assert not is_whole(tmp_path, "base.en")
        with pytest.raises(ConfigError, match=r"not whole: .*To mend it: voicechat models pull base\.en$"):
            find(tmp_path, "base.en", "stt")
        stand_in.asked.clear()
        await pulled(place, tmp_path, "base.en")
        assert len(stand_in.asked) == ("manifest" not in damage)
    assert is_whole(tmp_path, "base.en")


async def test_two_pulls_of_a_model_at_once_fetch_it_once(tmp_path: Path) -> None:
    async with opened() as (stand_in, place):
        wanted = await place.wanted("base.en")
        errs = [io.StringIO(), io.StringIO()]
        stand_in.asked.clear()
        await asyncio.gather(*(pull(place, tmp_path, wanted, err) for err in errs))
        assert sorted(path.rpartition("/")[2] for path, _ in stand_in.asked) == ["config.json", "model.bin"]
    assert sum("another pull of it is running" in err.getvalue() for err in errs) == 1
    assert is_whole(tmp_path, "base.en")


async def test_what_has_no_room_is_not_begun(tmp_path: Path) -> None:
    async with opened() as (stand_in, place):
        described = stand_in.described(BASE)
        described["siblings"][-1]["lfs"]["size"] = 10**18
        stand_in.answers[BASE] = described
        wanted = [await place.wanted("base.en")]
        with pytest.raises(PullError, match=r"1000000000\.00 GB are to come, and .* free\. VOICECHAT_MODELS"):
            check_room(tmp_path / "not" / "there", wanted)
        assert stand_in.asked == [] and not (tmp_path / "not").exists()
        check_room(tmp_path, [await place.wanted(THORSTEN)])


async def test_what_is_here_needs_no_room(tmp_path: Path) -> None:
    async with opened() as (stand_in, place):
        await pulled(place, tmp_path, "base.en")
        described = stand_in.described(BASE)
        described["siblings"][-1]["lfs"]["size"] = 10**18
        stand_in.answers[BASE] = described
        huge = await place.wanted("base.en")
        (tmp_path / "base.en" / "model.bin").unlink()
        with (tmp_path / "base.en" / f"model.bin.{huge.files[1].digest.value[:12]}.part").open("wb") as file:
            file.truncate(10**12)  # takes no room: there is nothing in it
        with pytest.raises(PullError, match=r"999999000\.00 GB"):
            check_room(tmp_path, [huge])


def test_folders_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "base.en").mkdir()
    (tmp_path / "en_US-joe-medium-timed-0123.onnx").write_bytes(b"")
    assert list(all_kept(tmp_path)) == [] and list(all_kept(tmp_path / "none")) == []
    with pytest.raises(ConfigError, match="VOICECHAT_MODELS"):
        list(all_kept(tmp_path / "en_US-joe-medium-timed-0123.onnx"))


async def test_a_disk_that_takes_no_more_is_told_and_what_came_stays(tmp_path: Path) -> None:
    async with opened() as (_, place):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, hard))
        try:
            with pytest.raises(OSError, match="File too large"):
                await pulled(place, tmp_path, "base.en")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        [kept] = all_kept(tmp_path)
        assert (kept.state, kept.size) == ("unfinished", 600_002)
        await pulled(place, tmp_path, "base.en")
    assert is_whole(tmp_path, "base.en")


async def test_parts_of_what_the_place_has_no_more_do_not_stay(tmp_path: Path) -> None:
    (tmp_path / "base.en").mkdir()
    (tmp_path / "base.en" / "model.bin.0123456789ab.part").write_bytes(b"of another commit")
    (tmp_path / "base.en" / ".model.bin.0123456789ab.part.etag").write_bytes(b'"1"')
    async with opened() as (_, place):
        await pulled(place, tmp_path, "base.en")
    files = {path.name for path in (tmp_path / "base.en").iterdir()}
    assert files == {"config.json", "model.bin", "manifest.json", ".lock"}


# ── How far it is ─────────────────────────────────────────────────────────────────────────────


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("count", "text"), [(7, "7 bytes"), (1_500, "1.5 kB"), (75_537_502, "75.5 MB"), (3.09e9, "3.09 GB")]
)
def test_bytes_are_told_as_people_read_them(count: int, text: str) -> None:
    assert size(count) == text


def test_parts_have_the_unit_of_the_whole() -> None:
    assert parts(300_000, 75_537_502) == "0.3 of 75.5 MB" and parts(1, 7) == "1 of 7 bytes"


def test_on_a_terminal_a_bar_tells_bytes_rate_and_time_left() -> None:
    err, clock = Terminal(), Clock()
    meter = Meter(err, "base.en", 100_000_000, 40_000_000, clock)
    for second in range(1, 4):
        clock.seconds = second
        meter.reach(40_000_000 + second * 5_000_000)
    last = err.getvalue().rpartition("\r\x1b[2K")[2]
    assert last == "base.en  " + "█" * 13 + "░" * 11 + "  55.0 of 100.0 MB, 5.0 MB/s, some 9 s left"
    meter.note("it broke off")
    meter.end()
    assert err.getvalue().endswith("\r\x1b[2Kbase.en: it broke off\n\r\x1b[2K")


def test_a_line_is_never_longer_than_the_terminal() -> None:
    for label in (
        "base.en",
        "de_DE-thorsten_emotional-medium",
        "someone-else/with-a-name-that-" + "goes-on-" * 9,
    ):
        err, clock = Terminal(), Clock()
        meter = Meter(err, label, 100_000_000, 0, clock)
        for second in range(1, 4):
            clock.seconds = second
            meter.reach(second * 1_000_000)
        lines = err.getvalue().split("\r\x1b[2K")[1:]
        assert len(lines) == 3 and max(map(len, lines)) < 80


def test_the_rate_is_that_of_the_last_seconds() -> None:
    err, clock = Terminal(), Clock()
    meter = Meter(err, "base.en", 10**9, 0, clock)
    done = 0
    for rate in [50_000_000] * 10 + [1_000_000] * 8:
        clock.seconds += 1
        done += rate
        meter.reach(done)
    assert err.getvalue().endswith("0.51 of 1.00 GB, 1.0 MB/s, some 8 min left")


def test_the_bar_is_not_drawn_for_every_packet() -> None:
    err, clock = Terminal(), Clock()
    meter = Meter(err, "base.en", 10**6, 0, clock)
    for step in range(1000):
        clock.seconds = step / 1000
        meter.reach(step)
    assert 8 <= err.getvalue().count("\r") <= 10


def test_a_file_that_begins_anew_has_no_rate_from_before() -> None:
    err, clock = Terminal(), Clock()
    meter = Meter(err, "base.en", 1000, 0, clock)
    for seconds, done in [(1, 900), (2, 0), (3, 10)]:
        clock.seconds = seconds
        meter.reach(done)
    assert err.getvalue().endswith("0.0 of 1.0 kB, 10 bytes/s, some 2 min left")


def test_elsewhere_lines_come_at_times() -> None:
    err, clock = io.StringIO(), Clock()
    meter = Meter(err, "base.en", 100_000_000, 40_000_000, clock)
    for second in range(1, 25):
        clock.seconds = second
        meter.reach(40_000_000 + second * 1_000_000)
    meter.end()
    assert err.getvalue().splitlines() == [
        "base.en: 100.0 MB, 40.0 MB of it are here",
        "base.en: 50.0 of 100.0 MB, 1.0 MB/s, some 50 s left",
        "base.en: 60.0 of 100.0 MB, 1.0 MB/s, some 40 s left",
    ]
