"""Quality instruments, one file each. A file in this package registers itself by existing."""

from importlib import import_module
from pkgutil import iter_modules

from extraction.pure.appraisal.base import (
    Instrument,
    Score,
    all_instruments,
    appraisal_form,
    instrument,
    register,
)

for _module in sorted(info.name for info in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")

__all__ = ["Instrument", "Score", "all_instruments", "appraisal_form", "instrument", "register"]
