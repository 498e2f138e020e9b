"""Texts become languages, spans and labels; nothing here knows of documents, SQL or the web."""
