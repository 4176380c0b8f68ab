"""One file from a place: whole, gone on with, checked, refused."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from yarl import URL

from voicechat.models.catalogue import WantedFile
from voicechat.models.digests import Digest
from voicechat.models.fetching import fetch
from voicechat.models.place import Patience, Place, PullError, UnknownModel, place_at

from .hub import Behaviour, Hub, folder_of, hub

CONTENT = bytes(range(256)) * 8_000
HASTE = Patience(first_pause_seconds=0, tries=3)
REPOSITORY = "someone/ears"
WANTED = WantedFile(
    "model.bin", "model.bin", len(CONTENT), Digest("sha256", hashlib.sha256(CONTENT).hexdigest())
)


class Fetching:
    def __init__(self, hub: Hub, place: Place, folder: Path) -> None:
        self.hub = hub
        self.place = place
        self.folder = folder
        self.notes: list[str] = []
        self.reached: list[int] = []
        self.hub.add_ears(REPOSITORY, {"model.bin": CONTENT})

    async def run(
        self, wanted: WantedFile = WANTED, reach: Callable[[int], None] = lambda done: None
    ) -> dict[str, bytes]:
        """Return what is in the folder afterwards."""

        def told(done: int) -> None:
            self.reached.append(done)
            reach(done)

        url = URL(f"{self.hub.url}/{REPOSITORY}/resolve/main/{wanted.path}")
        await fetch(self.place, url, wanted, self.folder, told, self.notes.append)
        return folder_of(self.folder)

    def cut_at(self, done: int) -> Callable[[int], None]:
        """Let the next connection be cut once *done* bytes are written; return what `run` is to be told."""
        event = asyncio.Event()
        self.hub.behaviours.append(Behaviour(cut_after=done, once=event))
        return lambda now: event.set() if now >= done else None


@asynccontextmanager
async def opened(folder: Path, patience: Patience = HASTE) -> AsyncIterator[Fetching]:
    async with hub() as stand_in, place_at(stand_in.url, patience) as place:
        yield Fetching(stand_in, place, folder)


@pytest.fixture
async def fetching(tmp_path: Path) -> AsyncIterator[Fetching]:
    async with opened(tmp_path) as ready:
        yield ready


async def test_a_file_comes_from_where_it_is_redirected_to_and_is_told_of_on_the_way(
    fetching: Fetching,
) -> None:
    assert await fetching.run() == {"model.bin": CONTENT}
    assert fetching.hub.asked[0][0] == f"/cdn/{REPOSITORY}/model.bin"
    assert fetching.reached == sorted(fetching.reached) and fetching.reached[-1] == len(CONTENT)
    assert fetching.notes == []


async def test_what_is_cut_goes_on_where_it_was(fetching: Fetching) -> None:
    reach = fetching.cut_at(300_000)
    assert await fetching.run(reach=reach) == {"model.bin": CONTENT}
    _, headers = fetching.hub.asked[1]
    assert headers["Range"] == "bytes=300000-"
    assert headers["If-Range"] == f'"{WANTED.digest.value}"'
    assert fetching.notes == ["the connection to 127.0.0.1 broke off; going on in 0 s."]


async def test_what_is_stopped_goes_on_the_next_time(fetching: Fetching) -> None:
    written = asyncio.Event()
    fetching.hub.behaviours.append(Behaviour(cut_after=300_000, once=asyncio.Event()))
    running = asyncio.create_task(fetching.run(reach=lambda done: written.set() if done == 300_000 else None))
    await written.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert "model.bin" not in folder_of(fetching.folder)
    assert await fetching.run() == {"model.bin": CONTENT}
    assert fetching.hub.ranges == ["", "bytes=300000-"]


async def test_a_place_that_knows_no_ranges_sends_all_again(fetching: Fetching) -> None:
    reach = fetching.cut_at(300_000)
    fetching.hub.behaviours.append(Behaviour(ignores_range=True))
    assert await fetching.run(reach=reach) == {"model.bin": CONTENT}
    assert fetching.hub.ranges == ["", "bytes=300000-"]
    assert 0 in fetching.reached[1:]


async def test_a_range_of_something_else_is_not_put_together_with_what_is_here(fetching: Fetching) -> None:
    reach = fetching.cut_at(300_000)
    fetching.hub.behaviours.append(Behaviour(content_range=f"bytes 200000-{len(CONTENT) - 1}/{len(CONTENT)}"))
    assert await fetching.run(reach=reach) == {"model.bin": CONTENT}
    assert fetching.hub.ranges == ["", "bytes=300000-", ""]


async def test_a_range_that_is_refused_begins_anew(fetching: Fetching) -> None:
    reach = fetching.cut_at(300_000)
    fetching.hub.behaviours.append(Behaviour(status=416))
    assert await fetching.run(reach=reach) == {"model.bin": CONTENT}
    assert fetching.hub.ranges == ["", "bytes=300000-", ""]


async def test_a_tag_that_promises_nothing_is_not_asked_by(fetching: Fetching) -> None:
    fetching.hub.etag = 'W/"1"'
    reach = fetching.cut_at(300_000)
    assert await fetching.run(reach=reach) == {"model.bin": CONTENT}
    assert fetching.hub.ranges[1] == "bytes=300000-" and "If-Range" not in fetching.hub.asked[1][1]


async def test_another_file_under_the_address_comes_whole(fetching: Fetching) -> None:
    reach = fetching.cut_at(300_000)

    def changed(done: int) -> None:
        reach(done)
        fetching.hub.etag = '"another"'

    assert await fetching.run(reach=changed) == {"model.bin": CONTENT}
    assert fetching.hub.ranges == ["", "bytes=300000-"]


async def test_parts_that_do_not_fit_are_fetched_anew_once(fetching: Fetching) -> None:
    part = fetching.folder / f"model.bin.{WANTED.digest.value[:12]}.part"
    part.write_bytes(bytes(1000))
    assert await fetching.run() == {"model.bin": CONTENT}
    assert fetching.hub.ranges == ["bytes=1000-", ""] and "anew" in fetching.notes[0]


async def test_a_part_that_had_all_its_bytes_needs_no_place(fetching: Fetching) -> None:
    (fetching.folder / f"model.bin.{WANTED.digest.value[:12]}.part").write_bytes(CONTENT)
    assert await fetching.run() == {"model.bin": CONTENT}
    assert fetching.hub.asked == []


async def test_a_file_of_no_bytes_is_one(fetching: Fetching) -> None:
    fetching.hub.add_ears(REPOSITORY, {"config.json": b""})
    empty = WantedFile("config.json", "config.json", 0, Digest("md5", hashlib.md5(b"").hexdigest()))
    assert await fetching.run(empty) == {"config.json": b""}


async def test_a_file_with_another_hash_is_not_kept(fetching: Fetching) -> None:
    fetching.hub.behaviours.append(Behaviour(body=CONTENT[::-1]))
    with pytest.raises(PullError, match=r"model\.bin that has another hash than its index says"):
        await fetching.run()
    assert folder_of(fetching.folder) == {} and len(fetching.hub.asked) == 1


@pytest.mark.parametrize("has_part", [False, True])
async def test_no_more_is_taken_than_the_index_says(fetching: Fetching, has_part: bool) -> None:
    reach = fetching.cut_at(300_000) if has_part else (lambda done: None)
    fetching.hub.behaviours.append(Behaviour(body=CONTENT + bytes(10_000_000), ignores_range=has_part))
    with pytest.raises(PullError, match="sends more of"):
        await fetching.run(reach=reach)
    assert folder_of(fetching.folder) == {} and max(fetching.reached) <= len(CONTENT)


async def test_a_connection_that_brings_nothing_again_and_again_is_given_up(fetching: Fetching) -> None:
    fetching.hub.behaviours.extend(Behaviour(cut_after=0) for _ in range(20))
    with pytest.raises(PullError, match="broke off"):
        await fetching.run()
    assert len(fetching.hub.asked) == HASTE.tries


async def test_a_connection_that_is_cut_often_gets_there_while_much_comes_each_time(tmp_path: Path) -> None:
    async with opened(tmp_path, Patience(first_pause_seconds=0, tries=1)) as fetching:
        reach = fetching.cut_at(1_100_000)
        assert await fetching.run(reach=reach) == {"model.bin": CONTENT}


async def test_a_busy_place_is_asked_again_after_the_time_that_it_names(tmp_path: Path) -> None:
    patience = Patience(first_pause_seconds=0, longest_pause_seconds=0.01)
    async with opened(tmp_path, patience) as fetching:
        fetching.hub.behaviours.extend(
            [Behaviour(status=503), Behaviour(status=429, headers={"Retry-After": "7"})]
        )
        assert await fetching.run() == {"model.bin": CONTENT}
        assert [note.partition(";")[0] for note in fetching.notes] == [
            "127.0.0.1 answers 503",
            "127.0.0.1 answers 429",
        ]
    assert Patience().pause_seconds(1, 7) == 7 and Patience().pause_seconds(1, 3600) == 30
    assert [Patience().pause_seconds(n, 0) for n in (1, 2, 3, 9)] == [1, 2, 4, 30]


async def test_silence_counts_as_a_cut(tmp_path: Path) -> None:
    async with opened(tmp_path, Patience(first_pause_seconds=0, silence_seconds=0.05)) as fetching:
        fetching.hub.behaviours.append(Behaviour(cut_after=1000, once=asyncio.Event()))
        assert await fetching.run() == {"model.bin": CONTENT}
        assert "silent" in fetching.notes[0]


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [(404, UnknownModel, "has no"), (403, PullError, "no account"), (418, PullError, "answers 418")],
)
async def test_what_another_try_does_not_mend_is_told_at_once(
    fetching: Fetching, status: int, error: type[Exception], words: str
) -> None:
    fetching.hub.behaviours.append(Behaviour(status=status))
    with pytest.raises(error, match=words):
        await fetching.run()
    assert len(fetching.hub.asked) == 1


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("http://localhost:9/model.bin", "redirects to localhost without https"),
        ("file:///etc/passwd", "redirects to nowhere"),
        ("http://[", "redirects to nowhere"),
        ("/someone/ears/resolve/main/model.bin", "redirects in circles"),
    ],
)
async def test_a_redirect_that_is_not_safe_is_not_followed(
    fetching: Fetching, target: str, words: str
) -> None:
    fetching.hub.redirect = target
    with pytest.raises(PullError, match=words):
        await fetching.run()
    assert folder_of(fetching.folder) == {} and fetching.hub.asked == []


async def test_a_redirect_to_another_host_with_https_is_followed(fetching: Fetching) -> None:
    # Nobody speaks TLS there: that it is tried is what counts.
    fetching.hub.redirect = fetching.hub.url.replace("http://127.0.0.1", "https://localhost")
    with pytest.raises(PullError, match="localhost"):
        await fetching.run()


async def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    async with place_at("http://127.0.0.1:9", HASTE) as place:
        with pytest.raises(PullError, match=r"127\.0\.0\.1 can't be reached \(.*\)"):
            await fetch(
                place, URL("http://127.0.0.1:9/model.bin"), WANTED, tmp_path, lambda _: None, lambda _: None
            )
