"""Writes. Keyword-only, take an actor, audited."""
