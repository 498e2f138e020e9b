"""The same story twice: documents whose words are the same share a cluster."""

import re
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from pipeline.records import Document

WORDS = re.compile(r"\w+")


def cluster(docs: Sequence[Document]) -> list[Document]:
    """Fill `cluster_id`: a hash of the text's words, so that case, spaces and punctuation make no difference."""
    return [replace(doc, cluster_id=_cluster_id(doc.text)) for doc in docs]


def _cluster_id(text: str) -> str:
    return sha256(" ".join(WORDS.findall(text.lower())).encode()).hexdigest()[:16]
