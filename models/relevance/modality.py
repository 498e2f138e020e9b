"""How a text means what it tells: of the past, of the future, as a warning, as a denial, in doubt. Flags, not probabilities."""

from models.relevance.feature import Index
from models.relevance.labels import load_labels

CONCEPTS = {"historical": "history"}  # the other flags are called as their concept
ENOUGH = 0.5


def find_modality(index: Index) -> dict[str, float]:
    """The flags with the share of the sentences with evidence that say so; only from a half on."""
    evidence = index.evidence
    shares = {}
    for flag in load_labels()["modality"] if evidence else ():
        saying = index.concepts.get(CONCEPTS.get(flag, flag), set())
        shares[flag] = len(saying & evidence) / len(evidence)
    return {flag: share for flag, share in shares.items() if share >= ENOUGH}
