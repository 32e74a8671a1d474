"""What the review adds up to, for download: this room's tables, and the bundle of every room's."""

from .tables import TABLES

__all__ = ["TABLES"]
