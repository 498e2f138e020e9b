"""Texts become languages, spans and labels; nothing here knows of documents, SQL or the web."""

LANGUAGES = ("uz", "tg", "ru", "en")  # what the models read; everything else is `und`
