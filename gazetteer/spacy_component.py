"""The gazetteer as a spaCy component: `nlp.add_pipe("xabar_gazetteer")` fills `doc.spans["gazetteer"]` beside the entities."""

from collections.abc import Iterable
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, SpanGroup

from gazetteer.match import load_matcher

KEY = "gazetteer"


class Gazetteer:
    """Spans with our label and, as `kb_id_`, the entity's id; keeps nothing between calls."""

    def __init__(self, language: str) -> None:
        """Match under this language."""
        self._language = language

    def __call__(self, parsed: Doc) -> Doc:
        """Fill `spans["gazetteer"]` of one parsed text."""
        script = "Cyrl" if sum("Ѐ" <= letter <= "ӿ" for letter in parsed.text) * 2 > len(parsed.text.split()) else "Latn"
        found = load_matcher().find(parsed.text, self._language, script)
        places = ((match.start, match.end, match.label, match.entity_id) for match in found)
        spans = (parsed.char_span(a, b, label, kb_id=entity, alignment_mode="expand") for a, b, label, entity in places)
        parsed.spans[KEY] = SpanGroup(parsed, name=KEY, spans=[span for span in spans if span is not None])
        return parsed

    def to_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> None:  # spaCy calls it so
        """Nothing: the list is xabar's own data."""

    def from_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> "Gazetteer":  # noqa: ARG002  # same
        """Nothing to read."""
        return self


@Language.factory("xabar_gazetteer", assigns=["doc.spans"])
def make_gazetteer(nlp: Language, name: str) -> Gazetteer:  # noqa: ARG001  # spaCy calls factories with both
    """The component of a pipeline, in the pipeline's own language."""
    return Gazetteer(nlp.lang or "und")
