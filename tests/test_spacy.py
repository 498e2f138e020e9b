"""Our names in spaCy: languages it lacks, a pipeline that plain spaCy opens, and DocBin both ways."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin

from models.entities.docbin import BadSpans, make_blank, read_docbin, write_docbin
from pipeline.names_commands import convert_docbin, export
from pipeline.records import Stop

ROWS = [
    {"id": "1", "language": "uz", "text": "«Tolibon»ning bayonoti Qobulda oʻqildi.", "spans": [[1, 8, "ORG"], [23, 30, "LOC"]]},
    {"id": "2", "language": "tg", "text": "“Ансоруллоҳ”-ро дар Душанбе маҳкум кард.", "spans": [[1, 11, "ORG"], [20, 27, "LOC"]]},
    {"id": "3", "language": "ru", "text": "Совет Безопасности собрался.", "spans": [[0, 18, "ORG"]]},
    {"id": "4", "language": "en", "text": "Nothing is named here.", "spans": []},
]


@pytest.mark.parametrize(
    ("language", "text", "tokens"),
    [
        ("uz", "«Tolibon»ning oʻz gʻoyasi maʼlum.", ["«", "Tolibon", "»", "ning", "oʻz", "gʻoyasi", "maʼlum", "."]),
        ("uz", "Ўзбекистон, Қирғизистон", ["Ўзбекистон", ",", "Қирғизистон"]),
        ("tg", "“Ансоруллоҳ”-ро маҳкум кард.", ["“", "Ансоруллоҳ", "”", "-", "ро", "маҳкум", "кард", "."]),
    ],
)
def test_tokens_keep_apostrophes_and_part_with_quotation_marks(language: str, text: str, tokens: list[str]) -> None:
    assert [token.text for token in make_blank(language)(text)] == tokens


def test_frequent_words_are_stop_words() -> None:
    assert make_blank("uz").vocab["bilan"].is_stop
    assert make_blank("tg").vocab["барои"].is_stop
    assert not make_blank("tg").vocab["Душанбе"].is_stop


def test_an_exported_pipeline_is_opened_by_spacy_alone(tmp_path: Path) -> None:
    export(tmp_path / "uz", "uz")
    code = (
        "import json, spacy, sys; nlp = spacy.load(sys.argv[1]); doc = nlp('Toshkentda Tolibon vakillari kutib olindi.');"
        "print(json.dumps([nlp.lang, nlp.pipe_names, [e.label_ for e in doc.ents], [s.kb_id_ for s in doc.spans['gazetteer']]]))"
    )
    line = [sys.executable, "-c", code, str(tmp_path / "uz")]
    done = subprocess.run(line, capture_output=True, text=True, timeout=100, check=True)
    language, pipes, labels, entities = json.loads(done.stdout)
    assert (language, pipes) == ("uz", ["xabar_names", "xabar_gazetteer"])
    assert "LOC" in labels
    assert "taliban" in entities


def test_export_refuses_an_unknown_language_and_a_folder_with_something_in_it(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="--language 'kk' is unknown"):
        export(tmp_path / "kk", "kk")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x")
    with pytest.raises(Stop, match="is there already"):
        export(tmp_path / "full", "uz")


def test_annotated_texts_come_back_from_docbin_as_they_went(tmp_path: Path) -> None:
    assert write_docbin(ROWS, tmp_path / "a.spacy") == 4
    assert list(read_docbin(tmp_path / "a.spacy")) == ROWS
    plain = list(DocBin().from_disk(tmp_path / "a.spacy").get_docs(spacy.blank("xx").vocab))
    names = [[span.text for span in parsed.ents] for parsed in plain]
    assert names == [["Tolibon", "Qobulda"], ["Ансоруллоҳ", "Душанбе"], ["Совет Безопасности"], []]


def test_the_command_goes_both_ways_and_names_what_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    convert_docbin(tmp_path / "a.jsonl", tmp_path / "a.spacy")
    convert_docbin(tmp_path / "a.spacy", tmp_path / "b.jsonl")
    assert [json.loads(line) for line in (tmp_path / "b.jsonl").read_text(encoding="utf-8").splitlines()] == ROWS
    with pytest.raises(Stop, match=r"one must end in \.jsonl"):
        convert_docbin(tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    (tmp_path / "bad.jsonl").write_text('{"id": "9", "language": "uz", "text": "abc", "spans": [[1, 9, "ORG"]]}\n')
    with pytest.raises(Stop, match="text '9': no words between 1 and 9"):
        convert_docbin(tmp_path / "bad.jsonl", tmp_path / "bad.spacy")
    with pytest.raises(BadSpans, match="language 'kk' is unknown"):
        write_docbin([ROWS[0] | {"language": "kk"}], tmp_path / "c.spacy")
