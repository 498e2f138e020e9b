"""`xabar scan`: in order, streaming, and a bad line costs only itself."""

import json
from typing import Any

import pytest

from pipeline.records import Stop
from pipeline.scan import STAGES, dump, make_scan_stages, scan

UZBEK = "Surxondaryoda IShIDga aʼzolikda gumon qilingan guruh qoʻlga olindi, deb xabar berdi Davlat xavfsizlik xizmati."
ALL = make_scan_stages(STAGES, 0.5)


def scan_rows(*rows: Any) -> list[dict[str, Any]]:
    return list(scan([row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows], ALL))


def test_an_answer_has_the_fields_of_the_contract() -> None:
    [row] = scan_rows({"id": 7, "text": UZBEK, "title": "Hibsga olish"})
    assert row["id"] == 7
    assert (row["language"], row["script"]) == ("uz", "Latn")
    assert 0.5 < row["language_confidence"] <= 1
    mention = next(m for m in row["mentions"] if m["entity_id"] == "islamic-state")
    assert UZBEK[mention["start"] : mention["end"]] == mention["text"]
    assert (mention["label"], mention["found_by"]) == ("ORG", ["gazetteer", "ner"])
    assert "ga" in mention["why"]
    assert set(row["labels"]) == {"relevance", "topics", "genre"}
    assert abs(sum(row["labels"]["relevance"].values()) - 1) < 0.01
    assert row["flagged"] is True
    assert row["score"] >= 0.5
    assert row["reasons"]


def test_bad_lines_are_answered_in_their_place_and_the_rest_goes_on() -> None:
    rows = scan_rows(
        {"id": "a", "text": UZBEK},
        b"{not json",
        b'{"id": "\xff"}',
        {"id": "b"},
        {"text": "x"},
        ["list"],
        {"id": "c", "text": 5},
        {"id": "d", "text": UZBEK, "language": "xx"},
        b"  \n",
        {"id": "e", "text": UZBEK},
    )
    assert [row["id"] for row in rows] == ["a", None, None, "b", None, None, "c", "d", "e"]
    assert ["error" in row for row in rows] == [False] + [True] * 7 + [False]
    assert rows[1]["error"].startswith("line 2: not JSON")
    assert rows[3]["error"] == "line 4: 'text' is missing"
    assert "known: uz, tg, ru, en, und" in rows[7]["error"]


def test_answers_stream_one_line_behind_the_input() -> None:
    taken = []

    def lines() -> Any:
        for number in range(3):
            taken.append(number)
            yield json.dumps({"id": number, "text": UZBEK}).encode()

    answers = scan(lines(), ALL)
    next(answers)
    assert taken == [0]


@pytest.mark.parametrize("text", ["", " ", "\0", "👍👍", "\u202e\u200d", "ا ب ت", "x" * 200_000, "\ud800 yomon"])
def test_odd_texts_are_answered_and_never_flagged(text: str) -> None:
    [row] = scan_rows({"id": 1, "text": text})
    assert "error" not in row
    assert row["flagged"] is False
    assert json.loads(dump(row)) == row
    dump(row).encode()


def test_a_given_language_is_believed() -> None:
    [row] = scan_rows({"id": 1, "text": UZBEK, "language": "tg"})
    assert (row["language"], row["script"], row["language_confidence"]) == ("tg", "Latn", 1.0)


def test_another_language_is_und_with_a_guess_and_no_labels() -> None:
    [row] = scan_rows(
        {
            "id": 1,
            "text": "Бүгүн Бишкек шаарында өкмөттүн жыйыны болуп өттү, ага министрлер жана облустардын "
            "башчылары катышып, өлкөнүн экономикасы жөнүндө сүйлөшүштү.",
        }
    )
    assert row["language"] == "und"
    assert row["guess"] == "ky"
    assert row["labels"] == {"relevance": {}, "topics": {}, "genre": {}}
    assert not row["flagged"]


def test_stages_can_be_chosen_and_a_wrong_one_is_named() -> None:
    [row] = scan([json.dumps({"id": 1, "text": UZBEK}).encode()], make_scan_stages(["language"], 0.5))
    assert (row["language"], row["mentions"], row["score"]) == ("uz", [], 0.0)
    with pytest.raises(Stop, match=r"'langauge' \(known: language, gazetteer, entities, classify\)"):
        make_scan_stages(["langauge"], 0.5)
    with pytest.raises(Stop, match="known"):
        make_scan_stages([], 0.5)
