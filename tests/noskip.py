"""
A plugin of pytest: where VOICECHAT_NO_SKIP is set, a skipped test is a failed one.

CI sets it: a test that could not run there would otherwise look like one that passed.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

NO_SKIP = bool(os.environ.get("VOICECHAT_NO_SKIP"))

Report = pytest.TestReport | pytest.CollectReport


def _failed_if_skipped(report: Report) -> None:
    # What is expected to fail (xfail) is reported as skipped too, but it did run.
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}\nVOICECHAT_NO_SKIP allows no skipped test."


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _failed_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _failed_if_skipped(report)
    return report
