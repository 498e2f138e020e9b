"""The models that are live in a database: what `xabar run` asks instead of the shipped ones once one was promoted."""

import json

from models.encoder.encode import BrokenModel, find_name
from models.entities.tag import Heads
from pipeline.classify import Judge
from pipeline.records import Stop
from pipeline.store import Store
from pipeline.store.models import SHIPPED


def load_judge(store: Store) -> Judge | None:
    """The live relevance model of this database; None for the shipped one."""
    model_id = store.models.live("relevance")
    model = None if model_id == SHIPPED else store.models.load(model_id)
    if model is None:
        return None
    trained_on = model.manifest.get("parameters", {}).get("encoder", "")
    if trained_on and trained_on != find_name():
        raise Stop(
            f"{model_id}: was trained on {trained_on} and not on {find_name()}; 'xabar models rollback' goes back to what was"
            " live before, and 'xabar models train' makes a new one"
        )
    from models.relevance.classify import Classifier
    from models.relevance.weights import parse_weights

    return Classifier(parse_weights(model.artefact)).classify


def load_shifts(store: Store) -> dict[str, float]:
    """What the live language model of this database makes likelier or less so; nothing for the shipped one."""
    model_id = store.models.live("language")
    model = None if model_id == SHIPPED else store.models.load(model_id)
    shifts: dict[str, float] = json.loads(model.artefact)["shifts"] if model else {}
    return shifts


def load_heads(store: Store) -> Heads | None:
    """The live heads that find names in this database; None for the shipped ones. Raises Stop beside another encoder."""
    model_id = store.models.live("entities")
    model = None if model_id == SHIPPED else store.models.load(model_id)
    if model is None:
        return None
    from models.entities.adapt import parse_heads

    try:
        return parse_heads(model.artefact)
    except BrokenModel as error:
        raise Stop(f"{model_id}: {error}; 'xabar models rollback --task entities' goes back to what was live before") from error
