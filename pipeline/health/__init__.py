"""How each source does, learned from its own history: ok, quiet, degraded, blocked, broken or paused, and why."""

from pipeline.health.observation import Expectation, Judgement, Observation, State
from pipeline.health.watch import Watch

__all__ = ["Expectation", "Judgement", "Observation", "State", "Watch"]
