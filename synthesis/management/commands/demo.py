"""Load the demo: a worked review with answers, conflicts, entries and reconciled studies, from files of facts."""

from __future__ import annotations

from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand

from reviewapp.services.reviews import mark_as_demo
from synthesis.management.demo import extraction, records, results, screening, team, texts


class Command(BaseCommand):
    help = "Load the demo review; run again, it finishes what was begun and changes nothing that is complete."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-missing", action="store_true", help="say nothing when the demo review is there already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = monotonic()
        there = team.find()
        if there is not None and there.is_demo:
            if not options["if_missing"]:
                self.stdout.write("The demo review is here already; nothing was changed.")
            return
        assembled = team.assemble()
        for load in (records.load, screening.load, texts.load, extraction.load, results.load):
            load(assembled)
        mark_as_demo(actor=assembled.lead)
        self.stdout.write(f"The demo review is loaded ({monotonic() - began:.1f} s).")
