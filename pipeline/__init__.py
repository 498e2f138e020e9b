"""A fetched page becomes a reviewed match."""

__version__ = "0.1.0"
