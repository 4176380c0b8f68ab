"""`voicechat doctor`: what it says of the file of chats."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from voicechat.doctor.chats import check_chats
from voicechat.doctor.finding import Finding
from voicechat.store import SqliteStore

from .doctoring import case, found


async def told(address: str) -> Finding:
    async with case(store=address) as one:
        (finding,) = await found(check_chats(one))
    return finding


async def test_a_file_is_counted_also_while_a_server_has_it(tmp_path: Path) -> None:
    file = tmp_path / "chats.db"
    store = SqliteStore(file, 10)
    for n in range(3):
        await store.create(f"c_{n}", None)
    finding = await told(f"sqlite:{file}")
    await store.close()
    assert finding.mark == "ok" and f"{file} is whole: 3 chats in " in finding.text


async def test_a_file_that_is_not_there_yet_is_in_order(tmp_path: Path) -> None:
    finding = await told(f"sqlite:{tmp_path / 'chats.db'}")
    assert finding.mark == "ok" and "made at the first start" in finding.text
    assert not os.listdir(tmp_path)


async def test_chats_in_memory_are_told_to_go_with_the_process() -> None:
    finding = await told("memory")
    assert finding.mark == "ok" and "a restart of the server forgets them" in finding.text


@pytest.mark.parametrize("content", [b"no database at all " * 50, b""], ids=["other bytes", "empty"])
async def test_a_file_that_is_none_of_ours_is_a_problem(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "chats.db"
    file.write_bytes(content)
    finding = await told(f"sqlite:{file}")
    assert finding.mark == "problem" and str(file) in finding.text and "VOICECHAT_STORE" in finding.mend
    assert file.read_bytes() == content


async def test_a_damaged_file_is_a_problem_with_the_way_out(tmp_path: Path) -> None:
    file = tmp_path / "chats.db"
    store = SqliteStore(file, 1_000)
    for n in range(500):
        await store.create(f"c_{n}", bytes(1_000))
    await store.close()
    content = bytearray(file.read_bytes())
    content[8_192:40_960] = bytes(32_768)
    file.write_bytes(content)
    finding = await told(f"sqlite:{file}")
    assert finding.mark == "problem" and ".recover" in finding.text


async def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    finding = await told(f"sqlite:{tmp_path / 'nowhere' / 'chats.db'}")
    assert finding.mark == "problem" and finding.mend == f"mkdir -p {tmp_path / 'nowhere'}"


async def test_an_address_that_names_no_store_is_a_problem() -> None:
    finding = await told("postgres:chats")
    assert finding.mark == "problem" and "names no store" in finding.text
