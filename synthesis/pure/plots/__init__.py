"""Plots as SVG text, one file a plot. Importing this package registers every file beside it."""

import importlib
import pkgutil

from synthesis.pure.plots.base import Plot, PlotInput, find, registered

for _module in pkgutil.iter_modules(__path__):
    if _module.name != "base":
        importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["Plot", "PlotInput", "find", "registered"]
