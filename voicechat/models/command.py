"""`voicechat models`: what is on this machine, what can be, and whether it is whole."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..config import Config, load
from ..errors import ConfigError
from .catalogue import canonical, job_of, known_near
from .kept import Kept, all_kept, wrong_file
from .listing import Listed, as_text, available_ears, available_voices, here
from .place import Patience, PullError, UnknownModel, place_at
from .pulling import check_room, is_whole, pull
from .weights import BUNDLED


def add_models(commands: Any) -> None:
    """Add `models` to *commands*, the subparsers of the command line."""
    command = commands.add_parser("models", help="list, fetch and check the embedded engines' models")
    actions = command.add_subparsers(required=True, metavar="ACTION")
    action = actions.add_parser("list", help="what is on this machine, and what can be pulled")
    action.add_argument("--all", action="store_true", help="voices too; asks the place that has them")
    action.add_argument(
        "--language", metavar="TAG", help="what hears or speaks it, as de; asks that place too"
    )
    action.add_argument("--json", action="store_true", help="for programs")
    _add_place(action)
    action.set_defaults(command=list_models)
    action = actions.add_parser("pull", help="fetch models by their names")
    action.add_argument("names", nargs="+", metavar="NAME", help="as base.en or de_DE-thorsten-medium")
    _add_place(action)
    action.set_defaults(command=pull_models)
    action = actions.add_parser("check", help="read what was pulled and compare it with its hashes")
    action.add_argument("names", nargs="*", metavar="NAME", help="unset: all that are here")
    action.add_argument("--json", action="store_true", help="for programs")
    _add_config(action)
    action.set_defaults(command=check_models)


def _add_place(action: Any) -> None:
    action.add_argument("--url", help="a mirror of the Hugging Face hub (VOICECHAT_MODELS_URL)")
    _add_config(action)


def _add_config(action: Any) -> None:
    action.add_argument("--config", type=Path, metavar="FILE", help="settings as TOML")


def list_models(options: argparse.Namespace) -> int:
    """Print what is here and what can be pulled; 1 where the place of voices was asked and can't be."""
    config = load(options.config, models_url=options.url)
    found = here(config.models_folder)
    ears = available_ears(found, options.language)
    voices: list[Listed] | None = None
    if options.all or options.language:
        try:
            voices = asyncio.run(_voices(config, found, options.language))
        except PullError as exc:
            return _fail(str(exc))
        except KeyboardInterrupt:
            return 130
    if options.json:
        content = {
            "folder": str(config.models_folder),
            "here": [one.as_json() for one in found],
            "available": [one.as_json() for one in [*ears, *(voices or [])]],
        }
        _say(json.dumps(content, indent=2, ensure_ascii=False))
    else:
        _say(as_text(config.models_folder, found, ears, voices))
    return 0


async def _voices(config: Config, found: Sequence[Listed], language: str | None) -> list[Listed]:
    async with place_at(config.models_url, Patience()) as place:
        return await available_voices(place, found, language)


def pull_models(options: argparse.Namespace) -> int:
    """
    Fetch the models that *options* name; 1 where one is not whole afterwards.

    Raises:
        ConfigError: If one of them is no model's name.
    """
    config = load(options.config, models_url=options.url)
    names = list(dict.fromkeys(map(canonical, options.names)))
    for name in names:
        if job_of(name) is None:
            raise ConfigError(
                f"{name!r} is no model's name.{known_near(name)} `voicechat models list` shows them."
            )
    try:
        return asyncio.run(_pull_all(config, names))
    except UnknownModel as exc:
        raise ConfigError(str(exc)) from exc
    except PullError as exc:
        return _fail(str(exc))
    except BrokenPipeError:
        raise
    except OSError as exc:
        return _fail(f"{config.models_folder} can't be written: {exc.strerror or exc}.")
    except KeyboardInterrupt:
        _fail("stopped; the same command goes on where it was.")
        return 130


async def _pull_all(config: Config, names: Sequence[str]) -> int:
    models = config.models_folder
    to_come = []
    for name in names:
        if name in BUNDLED and BUNDLED[name].path is not None:
            _say(f"{name} came with voicechat; there is nothing to pull.")
        elif await asyncio.to_thread(is_whole, models, name):
            _say(f"{name} is here and whole.")
        else:
            to_come.append(name)
    if not to_come:
        return 0
    async with place_at(config.models_url, Patience()) as place:
        wanted = [await place.wanted(name) for name in to_come]
        check_room(models, wanted)
        failed = 0
        for model in wanted:
            try:
                await pull(place, models, model, sys.stderr)
                _say(f"{model.name} is here and whole.")
            except PullError as exc:
                failed = _fail(f"{model.name}: {exc} The same command goes on where it was.")
    return failed


def check_models(options: argparse.Namespace) -> int:
    """
    Print what is whole and what is not; 1 where something is not.

    Raises:
        ConfigError: If *options* name what is not here.
    """
    config = load(options.config)
    names = list(map(canonical, options.names))
    kept = {one.name: one for one in all_kept(config.models_folder)}
    bundled = [name for name, weights in BUNDLED.items() if weights.path is not None and name not in kept]
    for name in names:
        if name not in kept and name not in bundled:
            raise ConfigError(
                f"{name!r} is not in {config.models_folder}; `voicechat models list` shows what is."
            )
    found: list[dict[str, str]] = []
    try:
        for name in names or [*bundled, *kept]:
            fault, mend = _checked(kept[name]) if name in kept else _checked_bundled(name)
            found.append({"name": name, "fault": fault, "mend": mend if fault else ""})
            if not options.json:
                told = f"{name} is not whole: {fault}. To mend it: {mend}" if fault else f"{name} is whole."
                _say(told)
    except KeyboardInterrupt:
        return 130
    if options.json:
        _say(json.dumps(found, indent=2, ensure_ascii=False))
    elif not found:
        _say(f"There is no model here; {config.models_folder} holds none.")
    return int(any(one["fault"] for one in found))


def _checked(kept: Kept) -> tuple[str, str]:
    return kept.fault or wrong_file(kept.folder), kept.mend


def _checked_bundled(name: str) -> tuple[str, str]:
    try:
        BUNDLED[name].checked()
    except ConfigError as exc:
        fault, _, mend = str(exc).partition(". To mend it: ")
        return fault, mend
    return "", ""


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _fail(text: str) -> int:
    sys.stderr.write(f"voicechat: {text}\n")
    return 1
