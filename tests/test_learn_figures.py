"""The ordinary sentences that calibration is measured on: found again in the evaluation data, and never trained on."""

from collections import Counter
from pathlib import Path

import pytest

from models.relevance.compare import find_route
from models.relevance.dataset import make_key
from pipeline.learn.figures import read_ordinary
from pipeline.learn.ship import read_shippable

pytestmark = [pytest.mark.quality, pytest.mark.timeout(300)]


def test_ordinary_sentences_are_all_found_and_none_of_them_trains(eval_data: Path) -> None:
    rows = read_ordinary(eval_data)
    assert Counter(map(find_route, rows)) == dict.fromkeys(("en", "ru", "tg", "uz-Latn", "uz-Cyrl"), 335)
    assert not {make_key(row.text) for row in rows} & {make_key(row.text) for row in read_shippable(eval_data)}
