"""The retraining loop: what analysts decided becomes a snapshot, a model, a comparison, and a promotion or a refusal."""
