"""Threads of one process share a store: a crawl reads index pages in several."""

from concurrent.futures import ThreadPoolExecutor

from pipeline.store import Store


def test_threads_take_turns_and_no_transaction_begins_inside_another(store: Store) -> None:
    def work(number: int) -> int:
        store.ledger.record("test", f"from thread {number}")
        return len(store.ledger.audit(5))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))
    assert len(store.ledger.audit(500)) >= 200
    assert store.ledger.first_broken_link() is None
