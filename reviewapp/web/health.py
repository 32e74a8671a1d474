"""Is the site up: one page for load balancers and people, the same for everyone, with words and no numbers."""

from __future__ import annotations

import os

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.urls import path

BROKER_PATIENCE = 1.0
"""Seconds to wait for Redis."""


def database_state() -> str:
    """Return "ok", or "away" when the database does not answer."""
    try:
        connection.ensure_connection()
        usable = connection.is_usable()
    except DatabaseError:
        usable = False
    return "ok" if usable else "away"


def broker_state() -> str:
    """Return "ok", or "away": decisions still go through and jobs wait in the database."""
    if not settings.REDIS_URL:
        folder = settings.QUEUE / "messages"
        return "ok" if os.access(folder, os.R_OK | os.W_OK | os.X_OK) else "away"
    import redis

    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=BROKER_PATIENCE, socket_connect_timeout=BROKER_PATIENCE
    )
    try:
        return "ok" if client.ping() else "away"
    except redis.RedisError:
        return "away"
    finally:
        client.close()


def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 while people can work, 503 when the database is away. Without a broker the site is "degraded"."""
    database, broker = database_state(), broker_state()
    state = "away" if database != "ok" else "ok" if broker == "ok" else "degraded"
    return JsonResponse(
        {"state": state, "database": database, "broker": broker}, status=200 if database == "ok" else 503
    )


urlpatterns = [path("health/", health, name="health")]
