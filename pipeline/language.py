"""Which language a document is in, and the end of the road for those we cannot read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from models import registry
from pipeline.records import Document, Reason, Skipped

UNDECIDED = "und"


def detect_language(docs: Sequence[Document], *, shifts: Mapping[str, float] | None = None) -> list[Document | Skipped]:
    """Fill language, script, confidence and guess; a language that is not ours, or not sure, ends here.

    `shifts` are those of a retrained model; without, the shipped one is asked.
    """
    return [_skip_or_pass(doc) for doc in assign_language(docs, shifts)]


def assign_language(docs: Sequence[Document], shifts: Mapping[str, float] | None = None) -> list[Document]:
    """Fill the same fields and let everything pass, `und` included: what `xabar scan` needs."""
    detect = _load_shifted(shifts) if shifts else registry.load("language")
    return [_assign(doc, detect(f"{doc.title}\n{doc.text}")) for doc in docs]


def _load_shifted(shifts: Mapping[str, float]) -> Callable[[str], registry.Detection]:
    # Imported here: it takes numpy, for which nobody waits who has no retrained model.
    from models.language.adapt import load_shifted

    return load_shifted(shifts).detect


def _assign(doc: Document, found: registry.Detection) -> Document:
    return replace(doc, language=found.language, script=found.script, language_confidence=found.confidence, guess=found.guess)


def _skip_or_pass(doc: Document) -> Document | Skipped:
    if doc.language != UNDECIDED:
        return doc
    guess = f"looks like '{doc.guess}'" if doc.guess else "no guess"
    return Skipped(doc.id, "detect_language", Reason.UNSUPPORTED_LANGUAGE, f"{guess}, script {doc.script or 'unknown'}")
