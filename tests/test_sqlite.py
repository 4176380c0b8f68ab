"""The store in a file: what it does with files that are not as they should be, and with crashes."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from voicechat.audio import Recording
from voicechat.dialogue import Key, Message
from voicechat.errors import ChatGone, ConfigError, Unavailable
from voicechat.store import SqliteStore
from voicechat.store.migrations import MIGRATIONS

SPOKEN = Recording(b"OggS and so on", "ogg")


def store_in(file: Path) -> SqliteStore:
    return SqliteStore(file, max_chats=1_000, now=lambda: 0.0)


async def filled(file: Path) -> None:
    """Make a database of one chat with one answered question, one whose answer runs, and three that wait."""
    store = store_in(file)
    await store.create("chat", b"hash")
    await store.add_question("chat", Key("tab", 1), "One?")
    await store.update_answer("chat", 2, "One.", "complete", None, [])
    await store.add_question("chat", Key("tab", 2), "Two?")
    await store.update_answer("chat", 4, "Two is", "running", None, [])
    await store.add_question("chat", Key("tab", 3), "Three?")
    await store.add_question("chat", Key("tab", 4), "")
    await store.add_question("chat", Key("tab", 5), "", SPOKEN)
    await store.close()


async def test_it_closes_though_all_threads_of_the_loop_are_busy(tmp_path: Path) -> None:
    store = store_in(tmp_path / "chats.db")
    may_end = Event()
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    model_loads = asyncio.create_task(asyncio.to_thread(may_end.wait))
    try:
        async with asyncio.timeout(5):
            await store.close()
    finally:
        may_end.set()
        await model_loads


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "chats.db"
    asyncio.run(filled(file))
    return file


async def test_what_was_written_is_there_in_the_next_process_and_what_ran_is_over(file: Path) -> None:
    store = store_in(file)
    messages, _ = await store.messages("chat")
    assert messages == [
        Message(1, "user", "One?", "complete"),
        Message(2, "assistant", "One.", "complete"),
        Message(3, "user", "Two?", "complete"),
        Message(4, "assistant", "Two is", "interrupted"),
        Message(5, "user", "Three?", "complete"),
        Message(6, "assistant", "", "queued"),  # it can still be answered
        Message(7, "user", "", "interrupted"),  # there is no recording of it
        Message(8, "assistant", "", "interrupted"),
        Message(9, "user", "", "queued"),
        Message(10, "assistant", "", "queued"),
    ]
    assert await store.recording("chat", 9) == SPOKEN
    assert await store.secret_hash("chat") == b"hash"
    assert await store.last_turn("chat", "tab") == 5
    await store.close()


async def test_each_change_is_on_the_disk_when_it_is_said_to_be(file: Path) -> None:
    with sqlite3.connect(file) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    store = store_in(file)

    def settings(db: sqlite3.Connection) -> list[int]:
        return [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "foreign_keys")]

    assert await store._writer.do(settings) == [2, 1]
    await store.close()


def ruin(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    file.write_bytes(content)


def replace_by_text(file: Path) -> None:
    file.write_text("Dear diary, " * 1_000)


def belong_to_others(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE songs (title)")


def be_newer(file: Path) -> None:
    with sqlite3.connect(file) as other:
        other.execute("INSERT INTO migrations VALUES ('something_of_tomorrow')")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (ruin, "The file is damaged. Put your last backup in its place"),
        (replace_by_text, "The file is damaged. Put your last backup in its place"),
        (belong_to_others, "a database of another program: name another file"),
        (be_newer, "a newer voicechat (something_of_tomorrow)"),
    ],
)
def test_a_file_that_can_not_be_used_is_refused_with_a_way_out_and_left_alone(
    file: Path, change: Callable[[Path], None], words: str
) -> None:
    change(file)
    before = file.read_bytes()
    with pytest.raises(ConfigError) as refused:
        store_in(file)
    assert words in str(refused.value) and str(file) in str(refused.value)
    assert file.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Is its folder there"):
        store_in(tmp_path / "nowhere" / "chats.db")


async def test_a_file_that_a_server_has_is_refused_to_the_next_one(file: Path) -> None:
    store = store_in(file)
    with pytest.raises(ConfigError, match="Another voicechat"):
        store_in(file)
    await store.close()
    await store_in(file).close()


async def test_an_older_file_gets_what_it_lacks_and_keeps_what_it_has(file: Path) -> None:
    with sqlite3.connect(file) as other:
        assert {name for (name,) in other.execute("SELECT name FROM migrations")} == {
            migration.__name__ for migration in MIGRATIONS
        }
    store = store_in(file)
    assert len((await store.messages("chat"))[0]) == 10
    await store.close()


async def test_a_full_disk_stops_who_writes_and_not_who_reads_until_there_is_room(tmp_path: Path) -> None:
    store = store_in(tmp_path / "chats.db")
    await store.create("chat", None)
    pages = await store._writer.do(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await store._writer.do(lambda db: db.execute(f"PRAGMA max_page_count = {pages}").fetchone())
    text = "a" * 100_000
    write = store.add_question("chat", Key("tab", 1), text)
    results = await asyncio.gather(write, store.messages("chat"), return_exceptions=True)
    assert isinstance(results[0], Unavailable) and results[0].retry_after_seconds
    assert results[1] == ([], False)
    await store._writer.do(lambda db: db.execute("PRAGMA max_page_count = 100000").fetchone())
    assert await store.add_question("chat", Key("tab", 1), text) == 1
    await store.close()


async def test_on_a_full_disk_it_still_lets_the_file_go(tmp_path: Path) -> None:
    store = store_in(tmp_path / "chats.db")
    await store.create("chat", None)
    await store.touch("chat")
    other = sqlite3.connect(tmp_path / "chats.db", isolation_level=None)
    await store._writer.do(lambda db: db.execute("PRAGMA busy_timeout = 50").fetchone())
    # As little can be written while another program writes.
    other.execute("BEGIN IMMEDIATE")
    await store.close()
    other.execute("ROLLBACK")
    other.close()
    await store_in(tmp_path / "chats.db").close()


async def test_what_another_program_holds_is_said_to_be_unavailable_and_works_again(file: Path) -> None:
    store = store_in(file)
    await store._writer.do(lambda db: db.execute("PRAGMA busy_timeout = 50").fetchone())
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        await store.create("two", None)
    other.execute("ROLLBACK")
    other.close()
    await store.create("two", None)
    await store.close()


async def test_a_job_that_fails_takes_nothing_of_those_beside_it_away(file: Path) -> None:
    store = store_in(file)
    results = await asyncio.gather(
        store.create("two", None),
        store.add_question("nobody", Key("tab", 1), "?"),
        store.add_question("chat", Key("tab", 1), "used already"),
        store.add_question("two", Key("tab", 1), "?"),
        return_exceptions=True,
    )
    assert results[0] is None and results[3] == 1
    assert isinstance(results[1], ChatGone) and isinstance(results[2], Unavailable)
    assert len((await store.messages("chat"))[0]) == 10
    await store.close()


async def test_what_waits_together_is_committed_together(file: Path) -> None:
    store = store_in(file)
    commits = 0

    def count(statement: str) -> None:
        nonlocal commits
        commits += statement == "COMMIT"

    await store._writer.do(lambda db: db.set_trace_callback(count))
    commits = 0
    await asyncio.gather(*(store.create(str(i), None) for i in range(200)))
    assert commits <= 3
    await store.close()


WRITE_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from voicechat.dialogue import Key
from voicechat.store import SqliteStore

async def main():
    store = SqliteStore(Path(sys.argv[1]), max_chats=1_000)
    async def visitor(name):
        await store.create(name, None)
        turn = await store.last_turn(name, "tab")
        while True:
            turn += 1
            n = await store.add_question(name, Key("tab", turn), f"{name} {turn}")
            print(name, turn, n, flush=True)
    await asyncio.gather(*(visitor(f"chat{i}") for i in range(8)))

asyncio.run(main())
"""


def test_what_was_acknowledged_before_a_crash_is_there_after_it(tmp_path: Path) -> None:
    file = tmp_path / "chats.db"
    acknowledged: dict[tuple[str, int], int] = {}
    for lines in (1, 40, 300):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITE_FOR_EVER, str(file)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for _ in range(lines):
            name, turn, n = process.stdout.readline().split()
            acknowledged[name, int(turn)] = int(n)
        os.kill(process.pid, signal.SIGKILL)
        for line in process.stdout.read().splitlines(keepends=True):
            if line.endswith("\n"):
                name, turn, n = line.split()
                acknowledged[name, int(turn)] = int(n)
        process.wait()
        process.stdout.close()
        with sqlite3.connect(file) as database:
            rows = database.execute(
                "SELECT name, turn, keys.n, text FROM keys JOIN chats ON chats.id = keys.chat "
                "JOIN messages USING (chat, n)"
            ).fetchall()
        database.close()
        kept = {(name, turn): n for name, turn, n, text in rows if text == f"{name} {turn}"}
        assert acknowledged.items() <= kept.items()
    assert len(acknowledged) >= 341
