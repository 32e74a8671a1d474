"""Fields, constraints and properties of one row. Names are imported from the modules, never from here."""

from . import decisions, events, jobs, people, records, reviews, rounds, seats, studies

__all__ = ["decisions", "events", "jobs", "people", "records", "reviews", "rounds", "seats", "studies"]
