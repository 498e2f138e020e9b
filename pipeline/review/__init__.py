"""The analysts' web application: it reads and decides through the store only."""
