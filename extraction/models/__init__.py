"""Forms, entries and final values. Names are imported from the modules, never from here."""

from . import definitions, entries, finals

__all__ = ["definitions", "entries", "finals"]
