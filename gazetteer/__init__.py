"""The names we look for: data, folding, inflection, matching."""
