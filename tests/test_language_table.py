"""The tables behind language detection: exactly the sum that the n-grams give one by one, from files read at once or slowly."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.language.count import iter_grams
from models.language.detect import PROFILES
from models.language.profile import Profile, load_profile, pack_profile
from models.language.score import Scorer
from models.language.script import encode
from models.language.table import SMOOTHING, UNSEEN

FREQS = {
    "one": {"a": 9, "b": 4, " a": 3, "ab": 4, "b ": 2, " ab": 3, "ab ": 2, "aba": 1, " aba": 1, "abab": 1},
    "two": {"b": 7, "c": 2, " b": 5, "bc": 2, "c ": 1, " bc": 2, "bca": 1, "a ": 1, " a ": 1, "bcab": 1, " bca": 1},
}
TOTALS = (20, 30, 40, 50)
SCORER = Scorer([pack_profile(name, freq, TOTALS) for name, freq in FREQS.items()])


def _sum_slowly(text: str, name: str) -> tuple[float, int, float]:
    """Log-likelihood, known 1- to 3-grams, sum over the 3-grams around letters: gram by gram, as langdetect counts them."""
    known = set().union(*FREQS.values())
    grams = [gram for word in text.split() for gram in iter_grams(word)]

    def weigh(gram: str) -> float:
        return math.log(SMOOTHING[len(gram) - 1] + FREQS[name].get(gram, 0) / TOTALS[len(gram) - 1])

    total = sum(weigh(gram) for gram in grams if gram in known)
    threes = sum(weigh(gram) if gram in known else UNSEEN for gram in grams if len(gram) == 3)
    return total, sum(gram in known for gram in grams if len(gram) < 4), threes


@settings(deadline=None, max_examples=300)
@given(st.text("abc ", max_size=40))
def test_one_row_a_window_is_the_sum_of_all_its_n_grams(text: str) -> None:
    score = SCORER.score(encode(text))
    for column, name in enumerate(FREQS):
        total, grams, threes = _sum_slowly(text, name)
        assert score.log_likelihoods[column] == pytest.approx(total, abs=1e-3)
        assert score.grams == grams
        assert score.threes == sum(letter != " " for letter in text)
        assert SCORER.find_familiarity(score, column) == pytest.approx(threes / max(1, score.threes), abs=1e-3)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.text("abc ", max_size=15), min_size=1, max_size=6))
def test_parts_of_a_text_have_the_sums_of_the_parts(parts: list[str]) -> None:
    codes = encode("|" + "|".join(parts) + "|")
    found = SCORER.score_parts(codes, np.flatnonzero(codes == ord("|"))[:-1])
    for at, part in enumerate(parts):
        alone = SCORER.score(encode(part))
        assert found.log_likelihoods[at].tolist() == pytest.approx(alone.log_likelihoods.tolist(), abs=1e-3)
        assert (found.grams[at], found.threes[at]) == (alone.grams, alone.threes)
        assert found.familiarity[at, 1] == pytest.approx(SCORER.find_familiarity(alone, 1), abs=1e-3)


def test_letters_beyond_the_basic_plane_are_no_letters() -> None:
    assert SCORER.score(encode("\U0001d41a\U0001f642")).grams == 0


def test_more_n_grams_than_rows_are_refused_with_the_remedy() -> None:
    letters = [chr(code) for code in range(0x400, 0x500)]
    pairs = {first + second: 1 for first in letters for second in letters}
    with pytest.raises(ValueError, match="more than 65536 n-grams in one script: leave out rarer ones in training"):
        Scorer([pack_profile("ru", dict.fromkeys(letters, 1) | pairs, TOTALS)]).score(encode("а"))


@pytest.mark.parametrize("name", ["uz-Latn", "tg", "xx-minor-Cyrl"])
def test_profile_read_at_once_is_the_one_that_json_reads(name: str, tmp_path: Path) -> None:
    row = json.loads((PROFILES / f"{name}.json").read_text(encoding="utf-8"))
    slow = pack_profile(row["name"], row["freq"], tuple(row["n_words"]))
    (tmp_path / "spaced.json").write_text(json.dumps(row, indent=1), encoding="utf-8")
    for found in (load_profile(PROFILES / f"{name}.json"), load_profile(tmp_path / "spaced.json")):
        assert _list(found) == _list(slow)
    slow.dump(tmp_path)
    assert (tmp_path / f"{name}.json").read_bytes() == (PROFILES / f"{name}.json").read_bytes()


@pytest.mark.parametrize(
    "text",
    [
        '{"freq":{"a":1,"b"2},"n_words":[1,1,1,1],"name":"x"}',
        '{"freq":{"a":1,"b":-2x},"n_words":[1,1,1,1],"name":"x"}',
        '{"freq":{"a":1},"n_words":[1,1,1,1]}',
        '{"freq":{"a":1',
        '{"freq":{},"n_words":[1,1,1,1],"name":"x"}',
        '{"freq":{"abcdefgh":1,"abc":2},"n_words":[1,1,1,1],"name":"x"}',
        "",
    ],
)
def test_damaged_profile_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"x\.json: not a language profile .* run python -m models\.language\.train"):
        load_profile(tmp_path / "x.json")


def _list(profile: Profile) -> tuple[str, list[list[int]], list[int], tuple[int, ...]]:
    return profile.name, profile.grams.tolist(), profile.counts.tolist(), profile.n_words
