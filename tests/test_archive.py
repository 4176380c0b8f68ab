"""`voicechat backup` and `voicechat export`: what visitors said, taken out while the server runs."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest

from voicechat.__main__ import main
from voicechat.dialogue import Fault, Key, Source
from voicechat.store import SqliteStore, backup


async def fill(store: SqliteStore) -> None:
    await store.create("c_one", b"hash")
    await store.add_question("c_one", Key("tab", 1), "Wann öffnet ihr?")
    await store.update_answer("c_one", 2, "Um neun.", "complete", None, [Source("Hours", "/hours")])
    await store.rate("c_one", 2, "up")
    await store.create("c_two", None)
    await store.add_question("c_two", Key("tab", 1), "Why?")
    await store.update_answer("c_two", 2, "Be", "failed", 2, [], Fault("provider_failed", "No.", None))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file of two chats; commands run in it."""

    async def make() -> None:
        store = SqliteStore(tmp_path / "voicechat.db", 10, now=lambda: 1_700_000_000.0)
        await fill(store)
        await store.close()

    asyncio.run(make())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_all_chats_are_written_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export"]) == 0
    one, two = json.loads(capsys.readouterr().out)
    assert (one["chat"], one["used_at"]) == ("c_one", 1_700_000_000.0)
    question, answer = one["messages"]
    assert (question["role"], question["text"]) == ("user", "Wann öffnet ihr?")
    assert answer["sources"] == [{"title": "Hours", "url": "/hours"}] and answer["rating"] == "up"
    assert (two["messages"][1]["status"], two["messages"][1]["heard"]) == ("failed", 2)
    assert two["messages"][1]["fault"]["code"] == "provider_failed"
    assert "hash" not in json.dumps([one, two])


def test_all_chats_are_written_as_markdown_into_a_file_for_its_owner_alone(folder: Path) -> None:
    assert main(["export", "--format", "markdown", "chats.md"]) == 0
    assert (folder / "chats.md").read_text("utf-8") == (
        "# c_one\n\n"
        "**Visitor** (2023-11-14 22:13 UTC): Wann öffnet ihr?\n\n"
        "**Assistant** (2023-11-14 22:13 UTC): Um neun.\n\n"
        "# c_two\n\n"
        "**Visitor** (2023-11-14 22:13 UTC): Why?\n\n"
        "**Assistant** (2023-11-14 22:13 UTC, failed): Be\n\n"
    )
    assert (folder / "chats.md").stat().st_mode & 0o777 == 0o600


def test_a_file_without_chats_is_an_empty_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def make() -> None:
        await SqliteStore(tmp_path / "voicechat.db", 10).close()

    asyncio.run(make())
    monkeypatch.chdir(tmp_path)
    assert main(["export"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_backup_is_one_file_that_a_server_can_go_on_with(folder: Path) -> None:
    assert main(["backup", "copy.db"]) == 0
    assert [path.name for path in folder.iterdir() if path.name.startswith("copy")] == ["copy.db"]

    async def read() -> list[str]:
        store = SqliteStore(folder / "copy.db", 10)
        messages, _ = await store.messages("c_one")
        await store.close()
        return [message.text for message in messages]

    assert asyncio.run(read()) == ["Wann öffnet ihr?", "Um neun."]


async def test_a_backup_holds_one_moment_while_the_server_goes_on_writing(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "chats.db", 10_000)
    await fill(store)
    for n in range(300):
        await store.create(f"c_{n}", bytes(10_000))
    copied: list[int] = []
    loop = asyncio.get_running_loop()

    def told(done: int, total: int) -> None:
        # Between two pieces the server writes.
        asyncio.run_coroutine_threadsafe(store.create(f"c_late_{done}", None), loop).result(10)
        copied.append(done)

    await asyncio.to_thread(backup, tmp_path / "chats.db", tmp_path / "copy.db", told)
    assert len(copied) > 2
    copy = sqlite3.connect(tmp_path / "copy.db")
    names = {name for (name,) in copy.execute("SELECT name FROM chats")}
    copy.close()
    assert len(names) == 302 and not any("late" in name for name in names)
    assert await store.secret_hash(f"c_late_{copied[0]}") is None
    await store.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["backup", "voicechat.db"], "is there already"),
        (["backup", "nowhere/copy.db"], "could not be written"),
        (["export", "nowhere/chats.json"], "No such file"),
        (["export", "--mode", "v1"], "voicechat-v1.db: There is no such file of chats."),
    ],
)
def test_what_can_t_be_done_is_said(
    arguments: list[str], words: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert words in capsys.readouterr().err


def test_chats_in_memory_can_t_be_taken_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VOICECHAT_STORE", "memory")
    assert main(["export"]) == 2
    assert "in no file" in capsys.readouterr().err


def test_a_database_of_another_program_is_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = sqlite3.connect(folder / "other.db")
    other.execute("CREATE TABLE chats (id)")
    other.commit()
    other.close()
    monkeypatch.setenv("VOICECHAT_STORE", "sqlite:other.db")
    assert main(["backup", "copy.db"]) == 2
    assert "another program" in capsys.readouterr().err and not (folder / "copy.db").exists()
