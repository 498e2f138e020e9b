"""The score: the probability decides the side of the line, novelty and severity the order, and the band asks for a human."""

from dataclasses import replace

import pytest

from pipeline.cluster import cluster
from pipeline.config import load_config, make_priority
from pipeline.records import Document, Label
from pipeline.score import Priority, is_look, make_score
from pipeline.store.clusters import MemoryIndex
from tests.test_review_sample import make_doc

PRIORITY = make_priority(load_config().score)


def make(probability: float, *topics: str, keyed: bool = True, novel: bool = True) -> Document:
    labels = [Label("relevance", "R3", probability, "m"), Label("relevance", "R0", 1 - probability, "m")]
    labels += [Label("topics", topic, 0.9, "m") for topic in topics] + [Label("key", "two-key", 1.0, "m")] * keyed
    return make_doc(1, labels=tuple(labels), score=0.0, flagged=False, reasons=(), novel=novel)


def score(doc: Document, priority: Priority = PRIORITY) -> Document:
    return make_score([doc], priority=priority)[0]


def test_graver_and_newer_comes_first_among_equals() -> None:
    attack, course = score(make(0.8, "attack")), score(make(0.8, "prevention-resilience"))
    again = score(make(0.8, "attack", novel=False))
    assert attack.score > course.score
    assert attack.score > again.score
    assert any("severity" in reason for reason in attack.reasons)
    assert any("earlier report" in reason for reason in again.reasons)


@pytest.mark.parametrize("probability", [0.0, 0.01, 0.3, 0.49, 0.5, 0.51, 0.75, 1.0])
@pytest.mark.parametrize("topics", [(), ("attack",), ("prevention-resilience",)])
@pytest.mark.parametrize("novel", [True, False])
def test_order_never_moves_an_item_across_the_line(probability: float, topics: tuple[str, ...], novel: bool) -> None:
    doc = score(make(probability, *topics, novel=novel))
    assert doc.flagged == (probability >= 0.5) == (doc.score >= 0.5)
    assert 0 <= doc.score <= 1


def test_between_the_lines_the_model_abstains_and_says_so() -> None:
    unsure, no, yes = score(make(0.4)), score(make(0.2)), score(make(0.6))
    assert [is_look(doc) for doc in (unsure, no, yes)] == [True, False, False]
    assert not unsure.flagged
    assert any(reason.startswith("look: the model is not sure (0.40)") for reason in unsure.reasons)
    assert not any(reason.startswith("look") for reason in (*no.reasons, *yes.reasons))


def test_without_a_key_an_item_may_be_looked_at_and_is_never_flagged() -> None:
    doc = score(make(0.97, keyed=False))
    assert not doc.flagged
    assert is_look(doc)
    assert doc.score < 0.5


def test_scoring_twice_is_scoring_once() -> None:
    once = score(make(0.4))
    assert [label for label in score(replace(once, reasons=())).labels if label.axis == "band"] == [
        label for label in once.labels if label.axis == "band"
    ]


def test_without_weights_the_score_is_the_probability() -> None:
    assert make_score([make(0.37, "attack", novel=False)], flag_at=0.5)[0].score == 0.37


def test_the_first_fetched_report_of_a_story_is_the_new_one_in_whatever_order_they_are_analysed() -> None:
    text = " ".join(f"soʻz{n} voqea{n} shahar{n} kun{n}" for n in range(60))
    docs = [make_doc(n, text=text, cluster_id="", source=f"s{n}") for n in range(3)]
    dated = [replace(doc, fetched_at=doc.fetched_at.replace(day=10 + n)) for n, doc in enumerate(docs)]
    assert [doc.novel for doc in cluster(dated, MemoryIndex())] == [True, False, False]
    index = MemoryIndex()
    cluster(dated, index)
    again = cluster(list(reversed(dated)), index)
    assert [doc.novel for doc in again] == [False, False, True]
