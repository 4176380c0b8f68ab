"""The plan of the house: what may import what, and where the outside world is touched."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import resolve_name
from pathlib import Path

import pytest

import voicechat
from voicechat.engines import ENGINES

PACKAGE = "voicechat"

FLOORS = {
    room: floor
    for floor, rooms in {
        10: "__main__",
        9: "compare",
        8: "archive client doctor",
        7: "app",
        6: "api channels",
        5: "conversation",
        4: "turn",
        3: "wire engines knowledge store guard metrics",
        2: "dialogue models",
        1: "audio sentences words config progress",
        0: "errors blocks __init__",
    }.items()
    for room in rooms.split()
}

PURE = {"errors", "blocks", "dialogue", "sentences", "words", "wire"}
"""
Values in, values out: rooms that know no socket, no file, no clock and no task. They may import each
other, and `config` for its values: those were read before.
"""

PURE_LIBRARIES = set(
    """
    __future__ abc base64 bisect collections contextlib dataclasses enum functools html itertools json
    math operator orjson re string struct types typing unicodedata
    """.split()
)

ENGINES_TABLE = "engines.table"
ENGINES_BY_NAME = {name for names in ENGINES.values() for name in names}
CONCRETE_ENGINES = {f"engines.{name}" for name in ENGINES_BY_NAME}

IMPORTS_BY_NAME = {"importlib", "importlib.import_module", "pkgutil"}

NAMES_THAT_SAY_NOTHING = {"util", "utils", "helper", "helpers", "manager", "base", "common", "misc"}


@dataclass(frozen=True)
class Import:
    line: int
    target: str
    """Dotted: our module without the package's name (`wire.frames`), or what is taken from a foreign one."""
    ours: bool
    for_types: bool
    """Whether it stands under `if TYPE_CHECKING` and is never carried out."""


@dataclass(frozen=True)
class Module:
    name: str
    """Dotted, without the package's name: `wire.frames`; a folder's own is the folder's: `wire`."""
    is_package: bool
    tree: ast.Module

    @property
    def package(self) -> str:
        """What its relative imports start from."""
        folder = self.name if self.is_package else self.name.rpartition(".")[0]
        return f"{PACKAGE}.{folder}".removesuffix(".")

    @property
    def room(self) -> str:
        return self.name.partition(".")[0]


def read_house(folder: Path) -> dict[str, Module]:
    """Every module below *folder*, by its name; the folder's own `__init__.py` goes by that name."""
    house = {}
    for file in sorted(folder.rglob("*.py")):
        parts = list(file.relative_to(folder).with_suffix("").parts)
        is_package = parts[-1] == "__init__" and len(parts) > 1
        name = ".".join(parts[:-1] if is_package else parts)
        house[name] = Module(name, is_package, ast.parse(file.read_text("utf-8")))
    return house


def imports(module: Module, house: dict[str, Module]) -> Iterator[Import]:
    """Every import in *module*, lazy ones and those for type checking too."""
    for node, for_types in statements(module.tree):
        match node:
            case ast.Import(names=aliases):
                targets = [alias.name for alias in aliases]
            case ast.ImportFrom(module=source, names=aliases, level=level):
                origin = resolve_name("." * level + (source or ""), module.package)
                targets = [f"{origin}.{alias.name}" for alias in aliases]
            case _:
                continue
        for target in targets:
            first, _, rest = target.partition(".")
            ours = first == PACKAGE
            if ours and (rest in house or rest in FLOORS or rest in CONCRETE_ENGINES):
                target = rest
            elif ours:
                target = rest.rpartition(".")[0] or "__init__"
            yield Import(node.lineno, target, ours, for_types)


def statements(tree: ast.AST, for_types: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Yield all that is in *tree*, and whether it stands under `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        yield node, for_types
        is_guard = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        yield from statements(node, for_types or is_guard)


def broken_rules(house: dict[str, Module]) -> list[str]:
    """Say, a line each, where the modules of *house* leave the plan."""
    links = {name: list(dict.fromkeys(imports(module, house))) for name, module in house.items()}
    found: list[str] = []
    for name, module in house.items():
        if module.room not in FLOORS:
            found.append(f"{name}: stands on no floor; give it one in FLOORS and in the README's map")
            continue
        if NAMES_THAT_SAY_NOTHING & set(name.split(".")):
            found.append(f"{name}: a name that says nothing")
        found += broken_by_imports(module, links[name])
        found += broken_by_calls(module)
    found += [f"{' -> '.join(cycle)}: a cycle" for cycle in cycles(links)]
    return found


def broken_by_imports(module: Module, links: list[Import]) -> Iterator[str]:
    for link in links:
        where = f"{module.name}:{link.line}: imports {link.target}"
        library = link.target.partition(".")[0]
        if not link.ours:
            if module.room in PURE and library not in PURE_LIBRARIES:
                yield f"{where}: not in a pure room"
            if link.target in IMPORTS_BY_NAME and module.name != ENGINES_TABLE:
                yield f"{where}: only the engines' table imports by name"
            continue
        room = link.target.partition(".")[0]
        if room == module.room:
            pass
        elif room not in FLOORS or FLOORS[room] > FLOORS[module.room]:
            yield f"{where}: upwards"
        elif FLOORS[room] == FLOORS[module.room]:
            yield f"{where}: sideways, into a room of the same floor"
        elif module.room in PURE and room not in {*PURE, "config"}:
            yield f"{where}: not in a pure room"
        behind = link.target.rpartition(".")[0]
        if behind and not f"{module.name}.".startswith(f"{behind}."):
            yield f"{where}: past the door of {behind}"
        elif link.target in CONCRETE_ENGINES and module.name != ENGINES_TABLE and link.target != module.name:
            yield f"{where}: only the engines' table names an engine"


def broken_by_calls(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        where = f"{module.name}:{getattr(node, 'lineno', 0)}"
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "environb" | "getenv" | "putenv"):
                touches_environment = True
            case ast.ImportFrom(module="os", names=names):
                touches_environment = bool(
                    {alias.name for alias in names} & {"environ", "environb", "getenv"}
                )
            case _:
                touches_environment = False
        if touches_environment and module.room != "config":
            yield f"{where}: reads the environment, which only config does"
        match node:
            case ast.Call(func=ast.Name(id="open" | "print" | "input" as name)) if module.room in PURE:
                yield f"{where}: {name}() in a pure room"
            case ast.Constant(value=str(value)) if value in ENGINES_BY_NAME and module.room != "engines":
                yield f"{where}: only the engines' table names an engine"
            case ast.Call(func=ast.Name(id="__import__")):
                yield f"{where}: only the engines' table imports by name"
            case _:
                pass


def cycles(links: dict[str, list[Import]]) -> Iterator[list[str]]:
    """Yield each cycle of imports once, as the names on its way."""
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> Iterator[list[str]]:
        if name in way:
            yield [*way[way.index(name) :], name]
        elif name not in done:
            for link in links.get(name, ()):
                if link.ours and not link.for_types:
                    yield from walk(link.target, [*way, name])
            done.add(name)

    for name in links:
        yield from walk(name, [])


FOLDER = Path(voicechat.__file__).parent
HOUSE = read_house(FOLDER)
FAULTS = broken_rules(HOUSE)


def test_the_house_keeps_its_plan() -> None:
    assert FAULTS == []


def test_every_module_was_read() -> None:
    assert len(HOUSE) == len(list(FOLDER.rglob("*.py")))
    assert {"errors", "dialogue", "config", "wire.frames", ENGINES_TABLE} <= HOUSE.keys()


@pytest.mark.parametrize(
    ("file", "code", "complaint"),
    [
        ("store/planted.py", "from ..turn import answer", "imports turn: upwards"),
        ("store/planted.py", "def lazy():\n    from ..app import build", "imports app: upwards"),
        ("store/planted.py", "import voicechat.app", "imports app: upwards"),
        ("store/planted.py", "from voicechat import api", "imports api: upwards"),
        ("store/planted.py", "from .. import conversation", "imports conversation: upwards"),
        ("store/planted.py", "from ..engines import Engines", "imports engines: sideways"),
        ("turn/planted.py", "from ..wire.frames import encode", "past the door of wire"),
        ("turn/planted.py", "from ..wire import frames", "past the door of wire"),
        ("turn/planted.py", "import voicechat.wire.frames", "past the door of wire"),
        ("turn/planted.py", "from ..engines.whisper import Whisper", "past the door of engines"),
        ("turn/planted.py", "listens = engine == 'whisper'", "only the engines' table names an engine"),
        ("engines/planted.py", "from .site import Site", "only the engines' table names an engine"),
        (
            "turn/planted.py",
            "from importlib import import_module",
            "only the engines' table imports by name",
        ),
        (
            "turn/planted.py",
            "whisper = __import__('faster_whisper')",
            "only the engines' table imports by name",
        ),
        ("wire/planted.py", "import asyncio", "imports asyncio: not in a pure room"),
        ("wire/planted.py", "from aiohttp import web", "imports aiohttp.web: not in a pure room"),
        ("wire/planted.py", "import time", "imports time: not in a pure room"),
        ("wire/planted.py", "from ..audio import Recording", "imports audio: not in a pure room"),
        ("wire/planted.py", "text = open('x').read()", "open() in a pure room"),
        ("dialogue.py", "import pathlib", "imports pathlib: not in a pure room"),
        ("store/planted.py", "import os\nkey = os.environ['KEY']", "reads the environment"),
        ("store/planted.py", "from os import getenv", "reads the environment"),
        ("store/utils.py", "", "a name that says nothing"),
        ("attic.py", "", "stands on no floor"),
    ],
)
def test_a_planted_fault_is_found(tmp_path: Path, file: str, code: str, complaint: str) -> None:
    found = set(broken_rules(with_planted(tmp_path, {file: code}))) - set(FAULTS)

    assert len(found) == 1, found
    assert complaint in found.pop()


def test_a_cycle_is_found_though_one_of_its_imports_is_lazy(tmp_path: Path) -> None:
    house = with_planted(
        tmp_path,
        {"store/egg.py": "from .hen import Hen", "store/hen.py": "def lay():\n    from .egg import Egg"},
    )

    assert "store.egg -> store.hen -> store.egg: a cycle" in broken_rules(house)


def with_planted(folder: Path, files: dict[str, str]) -> dict[str, Module]:
    """Return the house with *files* in it, which are written below *folder* and read from there."""
    for name, code in files.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(code, "utf-8")
    return HOUSE | read_house(folder)
