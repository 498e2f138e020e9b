"""How relevant a text is, and what it is about."""
