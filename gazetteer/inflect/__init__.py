"""How names inflect, one module per language."""
