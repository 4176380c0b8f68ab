"""Where the sources of an answer lead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from voicechat.config import load
from voicechat.errors import ConfigError

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
