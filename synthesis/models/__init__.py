"""Analyses and results. Names are imported from the modules, never from here."""

from . import analyses, snapshots

__all__ = ["analyses", "snapshots"]
