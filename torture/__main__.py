# ruff: noqa: T201  a command line prints
"""`python -m torture [NAME ...]`: proofs, and what each found; exit code 1 where one is not sound."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence

from voicechat.progress import Progress

from .proof import NotRun, Proof, Verdict, table
from .proofs import PROOFS


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - {proof.name for proof in PROOFS}:
        parser.error(f"There is no proof {', '.join(sorted(unknown))}.")
    wanted = [proof for proof in PROOFS if not options.names or proof.name in options.names]
    with asyncio.Runner(loop_factory=_new_event_loop) as runner:
        rows = [_run(runner, proof, getattr(options, proof.amount)) for proof in wanted]
    print(table(rows))
    if any(isinstance(result, Verdict) and result.faults for _, _, result in rows):
        return 1
    # Who names a proof wants to know.
    return 2 if options.names and any(isinstance(result, NotRun) for _, _, result in rows) else 0


def _run(runner: asyncio.Runner, proof: Proof, amount: int) -> tuple[str, str, Verdict | NotRun]:
    progress = Progress(sys.stderr)
    progress.begin(f"{proof.name}: {proof.about}")
    began = time.monotonic()
    result: Verdict | NotRun
    try:
        result = runner.run(proof.prove(amount, progress))
    except NotRun as exc:
        result = exc
    except Exception as exc:  # noqa: BLE001 - the other proofs still run
        result = Verdict("begun", "broke off", (f"{type(exc).__name__}: {exc}",))
    progress.end()
    return proof.name, f"{time.monotonic() - began:.0f} s", result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    names = ", ".join(proof.name for proof in PROOFS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{names}; none: all of them")
    for proof in PROOFS:
        parser.add_argument(
            f"--{proof.amount}",
            type=int,
            default=proof.default,
            metavar="N",
            help=f"of {proof.name}: {proof.about} ({proof.default:,})",
        )
    return parser


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """The server's own kind: the visitors take half of the processor."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()


if __name__ == "__main__":
    sys.exit(main())
