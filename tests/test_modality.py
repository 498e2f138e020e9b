"""Flags that say how a text means what it tells; they change no probability."""

import pytest

from models.relevance.classify import Hit, load_classifier


@pytest.mark.parametrize(
    ("language", "text", "flag"),
    [
        ("en", "Extremists could strike in Osh, an expert warned.", "hypothetical"),
        ("en", "The ministry denied that militants crossed the border at Panj.", "negation"),
        ("ru", "В Душанбе состоится заседание по борьбе с терроризмом.", "future"),
        ("ru", "В 2015 году боевики напали на пост в Бадахшане.", "historical"),
        ("uz", "Toshkentdagi terrorizm ayblovini vazirlik rad etdi.", "negation"),
        ("tg", "Ҳуҷуми ҷангҷӯён дар Хатлон мумкин аст, гуфт коршинос.", "hypothetical"),
        ("en", "Police in Kabul said the motive was unclear and did not call it terrorism.", "doubt"),
    ],
)
def test_flag_is_given_when_the_sentences_that_matter_say_so(language: str, text: str, flag: str) -> None:
    assert flag in load_classifier().classify("", text, language, "", ()).modality


def test_plain_news_carries_no_flag_and_words_elsewhere_do_not_count() -> None:
    text = "Police in Kabul arrested three militants on Monday. Rain is expected. It could snow in the hills. Shops will be shut."
    assert load_classifier().classify("", text, "en", "", ()).modality == {}


def test_reason_names_the_line_of_the_report_that_has_the_name() -> None:
    text = "Police arrested an ISKP supporter."
    hit = Hit(19, 23, "iskp", "organization", True, "Islamic State Khorasan", "gazetteer, report line 158")
    reasons = load_classifier().classify("", text, "en", "Latn", (hit,)).reasons
    assert any("'ISKP' (Islamic State Khorasan; gazetteer, report line 158) in a sentence about" in reason for reason in reasons)
