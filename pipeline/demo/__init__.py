"""The demo: an invented newsroom on loopback, and the tour that crawls and analyses it."""
