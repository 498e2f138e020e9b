"""Training the relevance model: what may train, the same bytes twice, weights that fit the scheme."""

import json
from pathlib import Path

import pytest

from models.relevance.classify import Classifier, Hit
from models.relevance.dataset import BadRow, make_key, read_hits, read_training_rows
from models.relevance.measure import rate
from models.relevance.train import dump, train
from models.relevance.weights import BadWeights, load_weights, parse_weights


def write_tiny_data(folder: Path) -> Path:
    folder.joinpath("train").mkdir(parents=True)
    folder.joinpath("eval").mkdir()
    yes = ["Police in Kabul arrested militants of a terrorist cell number {}.", "A court in Osh jailed extremist recruiter {}."]
    no = ["Farmers sold {} melons at the market.", "The football club won {} matches."]
    rows = []
    for n in range(12):
        for m, pattern in enumerate(yes + no):
            label = ("R3", "R2", "R0", "R1")[m]
            row = {"id": f"t-{n * 4 + m}", "language": "en", "script": "Latn", "text": pattern.format(n), "relevance": label}
            rows.append({**row, "topics": ["plot-arrest"] if m == 0 else [], "genre": "news-event" if m % 2 else "court-record"})
    path = folder / "train" / "written.en.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


def test_training_twice_gives_the_same_bytes_and_weights_that_load(tmp_path):
    data = write_tiny_data(tmp_path / "data")
    one, two = (dump(train(read_training_rows(data, {}))) for _ in range(2))
    assert one == two
    model = Classifier(parse_weights(one))
    good = model.classify("", "Police in Kabul arrested militants of a terrorist cell.", "en", "Latn", ())
    bad = model.classify("", "Farmers sold melons at the market.", "en", "Latn", ())
    assert rate(good) > rate(bad)


def test_what_must_not_train_is_left_out(tmp_path):
    data = write_tiny_data(tmp_path / "data")
    path = data / "train" / "relevance.en.jsonl"
    base = {"language": "en", "script": "Latn", "relevance": "R3", "topics": []}
    rows = [
        {"id": "kept", "text": "Kept text.", "ship": True},
        {"id": "not-shipped", "text": "One.", "ship": False},
        {"id": "doubtful", "text": "Two.", "ship": True, "doubt": True},
        {"id": "near-dev", "text": "Three.", "ship": True, "same_document_in_eval_dev": True},
        {"id": "in-dev", "text": "Four, indeed!", "ship": True},
    ]
    path.write_text("".join(json.dumps(base | row) + "\n" for row in rows), encoding="utf-8")
    (data / "eval" / "exclude.sha256").write_text(make_key("four indeed") + "\n", encoding="utf-8")
    ids = {row.id for row in read_training_rows(data, {})}
    assert "kept" in ids
    assert ids.isdisjoint({"not-shipped", "doubtful", "near-dev", "in-dev"})


def test_hits_come_from_the_scan_and_bad_rows_name_their_line(tmp_path):
    scan = tmp_path / "scan.jsonl"
    mention = {"start": 0, "end": 4, "entity_id": "iskp", "label": "ORG", "certain": True}
    scan.write_text(json.dumps({"id": "t-0", "mentions": [mention]}) + '\n{"id": "x", "error": "bad"}\n', encoding="utf-8")
    assert read_hits([scan]) == {"t-0": (Hit(0, 4, "iskp", "organization", True),)}
    data = write_tiny_data(tmp_path / "data")
    (data / "train" / "relevance.en.jsonl").write_text('{"id": "1"}\n', encoding="utf-8")
    with pytest.raises(BadRow, match=r"relevance\.en\.jsonl:1"):
        read_training_rows(data, {})


def test_weights_that_do_not_fit_the_scheme_are_refused():
    weights = json.loads(Path(__file__).parents[1].joinpath("models/relevance/weights.json").read_text(encoding="utf-8"))
    del weights["topics"]["attack"]
    with pytest.raises(BadWeights, match="attack"):
        parse_weights(json.dumps(weights))


def test_no_protected_word_and_no_place_alone_has_a_weight():
    names = load_weights().relevant.weights.keys()
    assert not {name for name in names if name.split(":")[-1] in {"people", "faith", "migrant"}}
    assert not {name for name in names if name.startswith("frame:") and name.endswith(("place", "state"))}
