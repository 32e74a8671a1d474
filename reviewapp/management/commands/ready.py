"""Refuse to start a server on a database that is not ready; with --url, ask a running server how it is."""

from __future__ import annotations

import http.client
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from reviewapp.management.commands.serve import refuse_without_triggers


class Command(BaseCommand):
    help = "Fail in words unless every migration ran and history is kept unchanged by the database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", help="the /health/ page of a running server (http)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["url"]:
            ask(options["url"])
            return
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            raise CommandError(f"{len(waiting)} migrations have not run: python manage.py migrate")
        refuse_without_triggers()


def ask(url: str) -> None:
    """Ask a server's health page as its proxy would; raises CommandError unless people can work."""
    parts = urlsplit(url)
    server = http.client.HTTPConnection(parts.hostname or "localhost", parts.port or 80, timeout=8)
    try:
        server.request("GET", parts.path or "/", headers={"X-Forwarded-Proto": "https"})
        answer = server.getresponse()
        said = answer.read().decode(errors="replace")
    except OSError as trouble:
        raise CommandError(f"no answer: {trouble}") from trouble
    finally:
        server.close()
    if answer.status != 200:
        raise CommandError(f"{answer.status}: {said[:200]}")
