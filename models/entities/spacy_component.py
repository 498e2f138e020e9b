"""Our names as a spaCy component: `nlp.add_pipe("xabar_names")` fills `doc.ents`, in every language that has a head."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import filter_spans

from models.entities.tag import load_tagger

BATCH = 64


class Names:
    """Keeps nothing between calls."""

    def __init__(self, language: str) -> None:
        """Use the head of this language."""
        self._language = language

    def __call__(self, parsed: Doc) -> Doc:
        """Fill `ents` of one parsed text."""
        return next(self.pipe([parsed]))

    def pipe(self, stream: Iterable[Doc], batch_size: int = BATCH) -> Iterator[Doc]:
        """Fill `ents` of many."""
        docs = iter(stream)
        while batch := list(islice(docs, batch_size)):
            found = load_tagger().find([(self._language, parsed.text) for parsed in batch])
            for parsed, names in zip(batch, found, strict=True):
                spans = (parsed.char_span(name.start, name.end, name.kind, alignment_mode="expand") for name in names)
                parsed.ents = tuple(filter_spans([span for span in spans if span is not None]))
            yield from batch

    def to_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> None:  # spaCy calls it so
        """Nothing: the weights are xabar's own files, the same for every pipeline."""

    def from_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> "Names":  # noqa: ARG002  # same
        """Nothing to read."""
        return self


@Language.factory("xabar_names", assigns=["doc.ents"])
def make_names(nlp: Language, name: str) -> Names:  # noqa: ARG001  # spaCy calls factories with both
    """The component of a pipeline, in the pipeline's own language."""
    return Names(nlp.lang or "ru")
