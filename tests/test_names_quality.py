"""Quality floors of names, of the encoder and of the gate: measured where the evaluation data is, else reported as not run."""

import json
import tomllib
from pathlib import Path

import pytest

from models.encoder.align import load_aligner
from models.encoder.corpus import read_sentences
from models.encoder.measure import count_found
from models.encoder.measure import read_sentences as read_parallel
from models.entities.evaluate import find
from models.entities.measure import count_spans, make_f1
from tests.test_gate import look

FLOORS = tomllib.loads((Path(__file__).parents[1] / "models" / "floors.toml").read_text(encoding="utf-8"))
SIB = {"en": "eng_Latn", "uz": "uzn_Latn", "tg": "tgk_Cyrl", "ru": "rus_Cyrl"}

pytestmark = [pytest.mark.quality, pytest.mark.timeout(600)]


@pytest.mark.parametrize("file", FLOORS["entities"]["f1"])
def test_names_reach_their_floor(eval_data: Path, file: str) -> None:
    sentences = list(read_sentences(eval_data / file))
    score = make_f1(*count_spans([item.spans for item in sentences], find(sentences))["all"])
    print(f"{file}: strict F1 {score:.3f}")
    assert score >= FLOORS["entities"]["f1"][file]


@pytest.mark.parametrize("language", FLOORS["encoder"]["retrieval"])
def test_parallel_sentences_stay_neighbours(eval_data: Path, language: str) -> None:
    rows = {name: read_parallel(eval_data / f"data/topics/sib200.{SIB[name]}.dev.tsv.gz")[1] for name in ("en", language)}
    both = sorted(rows["en"].keys() & rows[language].keys())
    vectors = [load_aligner().embed([(name, rows[name][key]) for key in both]) for name in ("en", language)]
    found = count_found(*vectors)
    print(f"en-{language}: top-1 {found:.3f}")
    assert found >= FLOORS["encoder"]["retrieval"][language]


def test_no_relevant_development_text_is_kept_from_the_encoder(eval_data: Path) -> None:
    files = sorted((eval_data / "eval/dev").glob("relevance.*.jsonl"))
    rows = [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    relevant = [row for row in rows if row["relevant"] and not row.get("doubt")]
    lost = [row["id"] for row in relevant if not look(row["language"], row["text"])]
    print(f"{len(relevant) - len(lost)} of {len(relevant)} relevant texts reach the encoder; lost: {lost}")
    assert len(lost) <= 0.005 * len(relevant)
