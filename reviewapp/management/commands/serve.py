"""Everything on one machine: prepares the database, serves the pages and runs long work, until Ctrl-C."""

from __future__ import annotations

import errno
import hashlib
import logging
import signal
import socket
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from django import __version__ as django_version
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from reviewapp.management.embedded import Helpers
from reviewapp.models.walls import missing_triggers

HOST = "127.0.0.1"
FIRST_LEAD = "lead@localhost"


class Command(BaseCommand):
    help = "Serve Dyad on this machine: pages, long work and, unless --empty, a demo review."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port of the pages (default 8000)")
        parser.add_argument(
            "--empty", action="store_true", help="no demo review; make the first lead's account"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        port: int = options["port"]
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            _stop_on(name)
        with claim(port) as door:
            try:
                self._prepare()
                told = self._first_account() if options["empty"] else self._demo()
                self._serve(door, told)
            except KeyboardInterrupt:
                self.stdout.write("Stopped.")

    def _prepare(self) -> None:
        self.stdout.write("Preparing the database and the static files")
        self.check()
        call_command("migrate", interactive=False, verbosity=0)
        refuse_without_triggers()
        collect_static()

    def _demo(self) -> list[str]:
        """Load the demo review where nothing else is, and say how to enter it."""
        from reviewapp.models.people import User
        from reviewapp.models.reviews import Review
        from reviewapp.services.people import DEMO_SEATS, demo_seats

        if not Review.objects.filter(is_demo=True).exists():
            begun = User.objects.filter(email=DEMO_SEATS["lead"][0]).exists()
            if User.objects.exists() and not begun:
                return ["Your own reviews are here, so the demo review was not added."]
            if "demo" in get_commands():
                self.stdout.write("Loading the demo review")
                call_command("demo")
        seats = demo_seats()
        if not seats:
            return []
        return [
            "Demo seats, one click each on the first page:",
            *(f"  {s['name']} - {s['what']}" for s in seats),
        ]

    def _first_account(self) -> list[str]:
        """Make the first lead where nobody has an account, and show the password once."""
        from reviewapp.models.people import User
        from reviewapp.services.people import first_lead

        if User.objects.exists():
            return []
        password = first_lead(FIRST_LEAD)
        return [f"First account: {FIRST_LEAD}", f"Password (shown this once; change it): {password}"]

    def _serve(self, door: socket.socket, told: list[str]) -> None:
        from waitress.server import create_server

        from reviewapp.wsgi import application

        connection.close()
        # a request that waits a moment for one of the few threads is no news
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        helpers = Helpers(str(settings.BASE_DIR))
        helpers.start()
        try:
            server = create_server(  # type: ignore[no-untyped-call]
                application, sockets=[door], threads=settings.THREADS, clear_untrusted_proxy_headers=True
            )
            address = f"http://{HOST}:{door.getsockname()[1]}/"
            self.stdout.write("\n".join(["", *told, f"Dyad is ready: {address}   (Ctrl-C stops it)", ""]))
            self.stdout.flush()
            server.run()  # returns on Ctrl-C
            self.stdout.write("Stopping; a running job may finish first (Ctrl-C again: at once)")
        finally:
            if not helpers.stop():
                self.stdout.write("The running job was cut off; it starts again next time.")
        self.stdout.write("Stopped.")


def _stop_on(name: str) -> None:
    """Turn a signal into KeyboardInterrupt; a hang-up that nohup told us to ignore stays ignored."""
    number = getattr(signal, name, None)
    if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
        return

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    signal.signal(number, stop)


def claim(port: int) -> socket.socket:
    """Take the port before any work is done; raises CommandError in plain words when that cannot be."""
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((HOST, port))
        door.listen(128)
    except (OSError, OverflowError) as trouble:
        door.close()
        code = getattr(trouble, "errno", None)
        if code == errno.EADDRINUSE:
            raise CommandError(
                f"Port {port} is in use - perhaps Dyad runs already. Another one: ./dev run --port {port + 1}"
            ) from trouble
        if code == errno.EACCES:
            raise CommandError(
                f"Port {port} needs administrator rights. Try ./dev run --port 8000"
            ) from trouble
        raise CommandError(f"Port {port} cannot be used: {trouble}") from trouble
    return door


def refuse_without_triggers() -> None:
    """Raise CommandError when the database would let history be changed."""
    missing = missing_triggers()
    if missing:
        raise CommandError(
            f"The database lacks {len(missing)} of the triggers that keep history unchanged "
            f"(the first: {missing[0]}). Run ./dev migrate; if they are still missing, restore a backup."
        )


def collect_static() -> bool:
    """Copy the static files to STATIC_ROOT with hashed names, if any changed since last time; True if so."""
    mark = Path(settings.STATIC_ROOT) / ".collected"
    print_ = _static_fingerprint()
    if mark.is_file() and mark.read_text() == print_:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    mark.write_text(print_)
    return True


def _static_fingerprint() -> str:
    """Return a hash over the name, size and time of every static file, and over how they are stored."""
    digest = hashlib.sha256(f"{django_version} {settings.STORAGES['staticfiles']}".encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
