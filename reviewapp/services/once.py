"""Idempotency: the same key gets the same reply and does nothing twice."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from reviewapp.models.events import IdempotencyKey
from reviewapp.services.refusals import Clash


def request_hash(path: str, body: Any, files: Any = None) -> str:
    """Return a hash of what was asked; ``files`` is Django's MultiValueDict of uploads, hashed by their content."""
    prints = {name: [_print_of(file) for file in files.getlist(name)] for name in files or ()}
    said = json.dumps([body, prints], sort_keys=True, default=str)
    return hashlib.sha256((path + said).encode()).hexdigest()


def _print_of(file: Any) -> str:
    whole = hashlib.sha256()
    for piece in file.chunks():
        whole.update(piece)
    file.seek(0)
    return whole.hexdigest()


def claim(*, user_id: int, key: str, asked: str) -> tuple[IdempotencyKey, bool]:
    """Claim a key inside the caller's transaction; (row, True) if it is new, else the row with its stored reply.

    Raises Clash when the key was used for another request.
    """
    row, is_new = IdempotencyKey.objects.get_or_create(
        user_id=user_id, key=key[:100], defaults={"request_hash": asked}
    )
    if not is_new and row.request_hash != asked:
        raise Clash("This form was already sent with other content. Reload the page and try again.")
    return row, is_new


def remember(row: IdempotencyKey, reply: Any) -> None:
    """Store the reply that a repeat will get."""
    row.reply = reply
    row.save(update_fields=["reply"])
