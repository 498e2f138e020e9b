"""Custody: that the archive is as it was collected, copies of it, and what leaves it for others."""
