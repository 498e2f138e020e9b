"""The models that are live in a database: what `xabar run` asks instead of the shipped ones once one was promoted."""

import json

from pipeline.classify import Judge
from pipeline.store import Store
from pipeline.store.models import SHIPPED


def load_judge(store: Store) -> Judge | None:
    """The live relevance model of this database; None for the shipped one."""
    model_id = store.models.live("relevance")
    model = None if model_id == SHIPPED else store.models.load(model_id)
    if model is None:
        return None
    from models.relevance.classify import Classifier
    from models.relevance.weights import parse_weights

    return Classifier(parse_weights(model.artefact)).classify


def load_shifts(store: Store) -> dict[str, float]:
    """What the live language model of this database makes likelier or less so; nothing for the shipped one."""
    model_id = store.models.live("language")
    model = None if model_id == SHIPPED else store.models.load(model_id)
    shifts: dict[str, float] = json.loads(model.artefact)["shifts"] if model else {}
    return shifts
