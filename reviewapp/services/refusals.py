"""What a service says when it will not do what was asked."""

from __future__ import annotations


class Refused(ValueError):
    """The act is not possible; ``message`` says why in a sentence, ``field`` names the input it is about."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotAllowed(Refused):
    """The seat does not hold the role that the act needs."""


class Gone(Refused):
    """The thing does not exist in this review (or belongs to another: the same answer)."""


class Clash(Refused):
    """Somebody's own newer version is in the way; nothing was overwritten."""
