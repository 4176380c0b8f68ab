"""Where the sources of an answer lead."""

from __future__ import annotations

import asyncio
import html
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from voicechat.config import load
from voicechat.errors import ConfigError
from voicechat.knowledge import Knowledge

from .conftest import serving


async def sources(folder: Path, **settings: str) -> list[dict[str, Any]]:
    """Return the sources of an answer from a folder of one page, which the server shows itself as well."""
    (folder / "rent").mkdir()
    (folder / "rent" / "boats.md").write_text("# Boats\n\nA rowing boat costs £9 an hour.\n")
    engines = {"stt_engine": "none", "tts_engine": "none"}
    knowledge = {"knowledge_on": "true", "knowledge_folder": str(folder)}
    async with serving(as_configured=True, **engines, **knowledge, **settings) as server:
        _, reply = await server.message(message="What does a rowing boat cost?")
        async with server.http.get(server.url + "/rent/boats") as page:
            assert page.status == 200
    found: list[dict[str, Any]] = reply["sources"]
    return found


async def test_without_a_site_of_their_own_sources_are_paths_on_this_server(tmp_path: Path) -> None:
    assert await sources(tmp_path) == [{"title": "Boats", "url": "/rent/boats"}]


@pytest.mark.parametrize("base", ["https://shop.example", "https://shop.example/"])
async def test_sources_lead_to_the_site_that_the_pages_stand_for(tmp_path: Path, base: str) -> None:
    found = await sources(tmp_path, knowledge_base_url=base)
    assert found == [{"title": "Boats", "url": "https://shop.example/rent/boats"}]


async def test_the_site_may_begin_below_its_origin(tmp_path: Path) -> None:
    found = await sources(tmp_path, knowledge_base_url="https://shop.example/help/")
    assert [source["url"] for source in found] == ["https://shop.example/help/rent/boats"]


@pytest.mark.parametrize(
    "base", ["shop.example", "javascript:alert(1)", "https://", "https://a b", "https://a?b"]
)
def test_a_site_that_is_no_address_is_refused_at_the_start(base: str) -> None:
    with pytest.raises(ConfigError, match=r"VOICECHAT_KNOWLEDGE_BASE_URL.*https\?://"):
        load(environment={"VOICECHAT_KNOWLEDGE_BASE_URL": base})


@pytest.mark.parametrize(
    ("file", "url"),
    [
        ("House boats.md", "/House%20boats"),
        ("Häuser/Über uns.md", "/H%C3%A4user/%C3%9Cber%20uns"),
        ("who? 50%#1.md", "/who%3F%2050%25%231"),
        ("q&a (old).md", "/q&a%20(old)"),
        ("ボート/index.md", "/%E3%83%9C%E3%83%BC%E3%83%88"),
    ],
)
async def test_a_source_can_be_followed_whatever_its_file_is_called(
    tmp_path: Path, file: str, url: str
) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text("# Boats\n\nA rowing boat costs £9 an hour.\n")
    engines = {"stt_engine": "none", "tts_engine": "none"}
    knowledge = {"knowledge_on": "true", "knowledge_folder": str(tmp_path)}
    async with serving(as_configured=True, **engines, **knowledge) as server:
        _, reply = await server.message(message="What does a rowing boat cost?")
        assert [source["url"] for source in reply["sources"]] == [url]
        async with server.http.get(URL(server.url + url, encoded=True)) as page:
            text = await page.text()
        assert page.status == 200 and "£9 an hour" in text
        # The site's own list of pages leads there as well.
        assert f'<a href="{html.escape(url)}" aria-current="page">' in text


async def test_a_question_does_not_wait_long_for_its_passages_and_the_log_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "boats.md").write_text("# Boats\n\nA rowing boat costs £9 an hour.\n")
    question = "What does a rowing boat cost?"
    # No time at all: the search is given up in the turn of the event loop that follows its beginning.
    hasty = Knowledge(tmp_path, 4, search_seconds=0)
    await hasty.load()
    assert await asyncio.gather(*(hasty.passages(question, ()) for _ in range(50))) == [()] * 50
    assert [await hasty.passages(question, ()) for _ in range(50)] == [()] * 50
    await hasty.close()
    late = [record for record in caplog.records if "were not searched" in record.message]
    assert len(late) == 1


async def test_an_answer_goes_on_without_passages_that_do_not_come_in_time(tmp_path: Path) -> None:
    (tmp_path / "boats.md").write_text("# Boats\n\nA rowing boat costs £9 an hour.\n")
    async with serving(pages=Knowledge(tmp_path, 4, search_seconds=0)) as server:
        status, reply = await server.message(message="What does a rowing boat cost?")
    assert (status, reply["answer"]) == (200, "From nine to six. See you then!")
    assert "sources" not in reply
