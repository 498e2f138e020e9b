"""Persons, organisations and places in text: heads on the shared encoder, merged with the gazetteer elsewhere."""
