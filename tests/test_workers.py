"""The threads behind the embedded engines: bounded work, bounded waiting."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from voicechat.engines.workers import Workers
from voicechat.errors import BadAudio, ProviderFailed, ProviderTimeout, Unavailable


@contextmanager
def workers(parallel: int = 1, waiting: int = 1, timeout_seconds: float = 5) -> Iterator[Workers]:
    made = Workers("test", parallel=parallel, waiting=waiting, timeout_seconds=timeout_seconds)
    try:
        yield made
    finally:
        made.close()


class Job:
    """Work that says when it has begun and ends when it is let go."""

    def __init__(self) -> None:
        self.begun = Event()
        self.may_end = Event()

    def __call__(self) -> str:
        self.begun.set()
        assert self.may_end.wait(5)
        return "done"


async def begun(job: Job) -> None:
    assert await asyncio.to_thread(job.begun.wait, 5)


async def test_what_the_work_returns_is_returned() -> None:
    with workers() as threads:
        assert await threads.run(lambda: 42) == 42


async def test_only_so_many_run_at_once_and_the_next_begins_when_one_is_done() -> None:
    with workers(parallel=2, waiting=1) as threads:
        jobs = [Job(), Job(), Job()]
        tasks = [asyncio.create_task(threads.run(job)) for job in jobs]
        await begun(jobs[0])
        await begun(jobs[1])
        assert not jobs[2].begun.is_set()

        jobs[0].may_end.set()
        await begun(jobs[2])

        for job in jobs:
            job.may_end.set()
        assert await asyncio.gather(*tasks) == ["done"] * 3


async def test_past_the_waiting_places_one_is_told_to_come_back() -> None:
    with workers(parallel=1, waiting=1) as threads:
        running, waiting = Job(), Job()
        tasks = [asyncio.create_task(threads.run(job)) for job in (running, waiting)]
        await begun(running)

        with pytest.raises(Unavailable) as refused:
            await threads.run(Job())
        assert refused.value.retry_after_seconds is not None

        running.may_end.set()
        waiting.may_end.set()
        await asyncio.gather(*tasks)
        assert await threads.run(lambda: "there is room again")


async def test_what_waits_is_dropped_at_once_when_it_is_cancelled() -> None:
    with workers(parallel=1, waiting=1) as threads:
        running, dropped, next_one = Job(), Job(), Job()
        first = asyncio.create_task(threads.run(running))
        await begun(running)
        second = asyncio.create_task(threads.run(dropped))
        await asyncio.sleep(0)

        second.cancel()
        await asyncio.wait([second])
        third = asyncio.create_task(threads.run(next_one))  # takes the place that was left

        running.may_end.set()
        next_one.may_end.set()
        assert await asyncio.gather(first, third) == ["done", "done"]
        assert second.cancelled()
        assert not dropped.begun.is_set()


async def test_what_runs_keeps_its_place_until_it_is_done_though_nobody_waits_for_it() -> None:
    with workers(parallel=1, waiting=0) as threads:
        job = Job()
        task = asyncio.create_task(threads.run(job))
        await begun(job)
        task.cancel()
        await asyncio.wait([task])

        with pytest.raises(Unavailable):
            await threads.run(Job())
        job.may_end.set()


async def test_the_time_limit_counts_waiting_too() -> None:
    with workers(parallel=1, waiting=1, timeout_seconds=0.05) as threads:
        running, waiting = Job(), Job()
        results = await asyncio.gather(threads.run(running), threads.run(waiting), return_exceptions=True)
        running.may_end.set()

        assert [type(result) for result in results] == [ProviderTimeout, ProviderTimeout]
        assert not waiting.begun.is_set()


async def test_an_error_for_the_visitor_passes_as_it_is() -> None:
    def work() -> None:
        raise BadAudio("It hisses.")

    with workers() as threads, pytest.raises(BadAudio, match="It hisses"):
        await threads.run(work)


@pytest.mark.parametrize("error", [ZeroDivisionError("secret detail"), TimeoutError("secret detail")])
async def test_an_unforeseen_error_goes_to_the_log_and_not_to_the_visitor(
    caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def work() -> None:
        raise error

    with workers() as threads, caplog.at_level(logging.ERROR), pytest.raises(ProviderFailed) as failed:
        await threads.run(work)

    assert "secret detail" not in str(failed.value)
    assert "secret detail" in caplog.text


# ── Work that is done where there is no other ─────────────────────────────────────────────────


async def test_where_nobody_else_is_at_work_it_is_done() -> None:
    with workers() as threads:
        assert await threads.run_if_idle(lambda: 42) == 42


async def test_where_somebody_is_at_work_it_is_not_begun() -> None:
    with workers(parallel=2) as threads:
        job = Job()
        task = asyncio.create_task(threads.run(job))
        await begun(job)
        assert await threads.run_if_idle(lambda: 42) is None
        job.may_end.set()
        await task
        assert await threads.run_if_idle(lambda: 42) == 42


async def test_there_is_one_of_it_at_a_time() -> None:
    with workers() as threads:
        job = Job()
        task = asyncio.create_task(threads.run_if_idle(job))
        await begun(job)
        assert await threads.run_if_idle(lambda: 42) is None
        job.may_end.set()
        await task


async def test_what_comes_while_it_is_done_does_not_wait_for_it() -> None:
    with workers(parallel=1, waiting=0) as threads:
        job = Job()
        task = asyncio.create_task(threads.run_if_idle(job))
        await begun(job)
        assert await threads.run(lambda: "at once") == "at once"
        job.may_end.set()
        assert await task == "done"
