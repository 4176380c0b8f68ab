"""The documents say what the code does."""

import asyncio
import re
import sys
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from voicechat import errors
from voicechat.api import HOUSE
from voicechat.app import build
from voicechat.audio import wav
from voicechat.config import load, settings
from voicechat.wire import FRAMES

from .conftest import serving
from .doubles import Ears, engines

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PROTOCOL = (ROOT / "PROTOCOL.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def all_errors(root: type = errors.VoiceChatError) -> set[type]:
    return {root}.union(*map(all_errors, root.__subclasses__()))


def row_of(name: str) -> list[str]:
    """The README's row on the setting *name*: name, default, meaning."""
    row = next(line for line in README.splitlines() if line.startswith(f"| `{name}` |"))
    return [cell.strip() for cell in row.strip("|").split("|")]


@pytest.mark.parametrize(("name", "field"), [(name, field) for _, name, field in settings()])
def test_every_setting_is_in_the_readme_with_its_default_and_meaning(name: str, field: FieldInfo) -> None:
    _, default, meaning = row_of(name)
    assert meaning == " ".join((field.description or "").split())
    match field.default:
        case None | ():
            assert default == ""
        case bool() as value:
            assert default == f"`{value}`".lower()
        case int() | float() as value:
            assert default == f"`{value:.15g}`"
        case value:
            assert default in (f"`{value}`", "a short spoken style")


UNITS = {
    "seconds": "Seconds",
    "minutes": "Minutes",
    "ms": "Milliseconds",
    "bytes": "Bytes",
    "chars": "Characters",
    "tokens": "Tokens",
}


@pytest.mark.parametrize("name", [n for _, n, _ in settings() if n.rpartition("_")[2].lower() in UNITS])
def test_every_limit_is_told_with_its_unit(name: str) -> None:
    assert row_of(name)[2].startswith(UNITS[name.rpartition("_")[2].lower()])


def test_what_the_element_says_of_itself_is_in_the_readme() -> None:
    source = (ROOT / "web/voice-chat.js").read_text("utf-8")
    said = set(re.findall(r"`(voicechat:[a-z]+|server)`", source.partition("*/")[0]))
    for file in ("web/voice-chat.js", "web/attributes.js", "web/loader.js"):
        said |= set(re.findall(r"'(data-[a-z-]+)'", (ROOT / file).read_text("utf-8")))
    types = (ROOT / "web/voicechat.d.ts").read_text("utf-8")
    types = types.partition("VoiceChatElement")[2].partition("\n}")[0]
    called = set(re.findall(r"^  (?:readonly )?([a-z]\w*)[(:]", types, re.MULTILINE))
    assert {"data-theme", "voicechat:open"} <= said and {"open", "isOpen", "send"} <= called
    assert [name for name in sorted(said | called) if not re.search(rf"`{name}(\([\w']*\))?`", README)] == []


@pytest.mark.parametrize("row", FRAMES, ids=lambda row: f"0x{row.number:02X}")
def test_every_frame_is_in_the_protocol_with_its_number(row: object) -> None:
    number, name = row.number, row.name  # type: ignore[attr-defined]
    assert re.search(rf"^\| 0x{number:02X} \| {name}\b", PROTOCOL, re.MULTILINE)


@pytest.mark.parametrize("error", sorted(all_errors() - {errors.ConfigError}, key=lambda e: e.__name__))
def test_every_error_is_in_the_protocol_with_its_status(error: type[errors.VoiceChatError]) -> None:
    assert f"| {error.status} | `{error.code}` |" in PROTOCOL or error in (
        errors.RequestError,
        errors.ProviderError,
    )


def test_every_error_is_in_the_tree_that_its_module_draws() -> None:
    drawn = errors.__doc__ or ""
    assert [error.__name__ for error in all_errors() if error.__name__ not in drawn] == []


def test_every_address_is_in_the_protocol() -> None:
    app = build(load(environment={"VOICECHAT_KNOWLEDGE_ON": "false", "VOICECHAT_STORE": "memory"}), engines())
    assert app[HOUSE]
    routes = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource}
    for method, path in routes:
        if method != "HEAD" and path != "/{page}":
            assert f"`{method} {path}`" in PROTOCOL


@pytest.mark.parametrize(
    "package", re.findall(r'^    "([a-z-]+)[>=]', (ROOT / "pyproject.toml").read_text(), re.M)
)
def test_every_dependency_has_its_reason(package: str) -> None:
    assert package in CONTRIBUTING


@pytest.mark.parametrize("name", ["README.md", "PROTOCOL.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_between_documents_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("question", ["When are you open?", "question.wav"])
async def test_the_client_of_thirty_lines_works(tmp_path: Path, question: str) -> None:
    program = re.findall(r"```python\n(.*?)```", PROTOCOL, re.DOTALL)[0]
    assert len([line for line in program.splitlines() if line.strip()]) <= 30
    (tmp_path / "client.py").write_text(program)
    (tmp_path / "question.wav").write_bytes(wav(bytes(16_000), 16_000))
    ears = Ears()
    async with serving(engines(ears)) as server:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "client.py",
            server.url.replace("http", "ws") + "/ws",
            question,
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
    assert out.decode() == "From nine to six. See you then!"
    assert len(ears.recordings) == (question == "question.wav")
