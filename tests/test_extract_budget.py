"""The time of one page is limited: what uses it up is skipped with its reason, and the page behind it has its own time."""

import time

import pytest

from pipeline.extract import extract, html
from pipeline.extract.budget import Budget, TooSlow
from pipeline.records import Document, Reason, Skipped
from tests.conftest import make_page


def test_a_page_that_uses_up_its_time_is_skipped_and_says_after_which_step(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([-1.0, 5.0])
    monkeypatch.setattr(html, "Budget", lambda: Budget(next(times)))
    slow, fine = extract([make_page(1), make_page(2)])
    assert isinstance(slow, Skipped)
    assert (slow.reason, slow.detail) == (Reason.TOO_SLOW, "more than 0.8 s of processor time, given up after parsing")
    assert isinstance(fine, Document)


def test_only_time_spent_working_counts() -> None:
    budget = Budget(0.05)
    time.sleep(0.1)
    budget.check("sleeping")
    while budget.left > 0:
        sum(range(1000))
    with pytest.raises(TooSlow, match="given up after working"):
        budget.check("working")


def test_a_page_without_end_is_done_within_its_time() -> None:
    body = b"<html><body><h1>Yangi yo'l</h1><p>" + b"so'z va gap. " * 370_000 + b"</p></body></html>"
    started = time.process_time()
    extract([make_page(1, body)])
    assert time.process_time() - started < 1.5
