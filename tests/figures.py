"""A plugin of pytest: what tests measured and printed stands at the end, also where they passed."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    printed = [report for report in terminalreporter.getreports("passed") if report.capstdout.strip()]
    if printed:
        terminalreporter.section("measured")
    for report in printed:
        terminalreporter.line(report.nodeid)
        for line in report.capstdout.strip().splitlines():
            terminalreporter.line(f"    {line.strip()}")
