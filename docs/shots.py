"""Take the screenshots of the demo review: wide and narrow, light and dark.

    ./dev test --version          # once: the environment with the browser's driver
    .venv/bin/python docs/shots.py [FOLDER] [page ...]

Starts the site with the demo in a folder of its own, sits in each seat and saves FOLDER/page-width-scheme.png (default
folder: shots/). ``--docs`` also writes the pictures of the README and the guide to docs/img/. Needs Chromium.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
Scheme = Literal["light", "dark"]
SIZES: list[tuple[int, int, Scheme]] = [
    (1280, 900, "light"),
    (1280, 900, "dark"),
    (390, 844, "light"),
    (390, 844, "dark"),
]
# page name -> (seat of the demo, steps from the review's page): a path, "click SELECTOR", "once SELECTOR" (if it is there),
# or "until SELECTOR" (skips records)
PAGES: dict[str, tuple[str, list[str]]] = {
    "start": ("", []),
    "sign-in": ("", ["/account/login/"]),
    "review": ("a", []),
    "review-lead": ("lead", []),
    "sources": ("lead", ["sources/"]),
    "duplicates": ("lead", ["duplicates/"]),
    "screening": ("a", ["titles/", "click a.btn--go", "until .read"]),
    "conflicts": ("adjudicator", ["conflicts/"]),
    "conflict": ("adjudicator", ["conflicts/", "click tbody tr:first-child a"]),
    "studies": ("lead", ["studies/"]),
    "full-text": ("b", ["texts/", "click a.btn--go"]),
    "extraction-list": ("a", ["extraction/"]),
    "extraction": ("a", ["extraction/", "click main a[href$='/']:has-text('Golden')"]),
    "reconcile": ("adjudicator", ["extraction/", "click main a[href*='reconcile']"]),
    "summary": ("lead", ["synthesis/", "once button:has-text('Open the effects')"]),
    "harms": ("lead", ["synthesis/harms/"]),
    "agreement": ("lead", ["agreement/"]),
    "prisma": ("lead", ["report/"]),
    "history": ("lead", ["history/"]),
}
IN_DOCS = {"start", "screening", "conflict", "extraction", "reconcile", "summary", "prisma", "duplicates"}


@contextlib.contextmanager
def site() -> Iterator[str]:
    """Run the site with the demo review; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "DYAD_HOME": home, "DYAD_DEMO": "1"}
        env.pop("DATABASE_URL", None)
        env.pop("REDIS_URL", None)
        command = [sys.executable, "manage.py", "serve", "--port", str(port)]
        running = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
        base = f"http://127.0.0.1:{port}"
        try:
            for _ in range(240):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(base + "/health/", timeout=2)
                    break
                time.sleep(0.5)
            yield base
        finally:
            running.terminate()
            running.wait(timeout=30)


def open_page(page: Page, base: str, seat: str, steps: list[str]) -> None:
    """Sit in a seat and walk the steps."""
    page.goto(base + "/")
    if seat:
        page.locator(f"form.seat-row:has(input[value='{seat}']) button").click()
        page.wait_for_load_state()
    root = page.url
    for step in steps:
        if step.startswith("until "):
            for _ in range(40):
                if page.locator(step.removeprefix("until ")).count():
                    break
                page.locator("[data-key=j]").click()
                page.wait_for_load_state()
        elif step.startswith("once "):
            button = page.locator(step.removeprefix("once "))
            if button.count():
                button.first.click()
        elif step.startswith("click "):
            page.locator(step.removeprefix("click ")).first.click()
        else:
            page.goto((base if step.startswith("/") else root) + step)
        page.wait_for_load_state()


def shoot(browser: Browser, base: str, folder: Path, name: str) -> None:
    """Save the four pictures of one page."""
    seat, steps = PAGES[name]
    for width, height, scheme in SIZES:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
        )
        page = context.new_page()
        open_page(page, base, seat, steps)
        page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
        wide = page.evaluate("document.documentElement.scrollWidth")
        print(f"{name:16} {width:5} {scheme:6} {'scrolls sideways' if wide > width else ''}")
        context.close()


def main() -> None:
    """Shoot what is asked for."""
    asked = [one for one in sys.argv[1:] if not one.startswith("--")]
    folder = Path(asked[0]) if asked else ROOT / "shots"
    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with site() as base, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name in asked[1:] or PAGES:
            shoot(browser, base, folder, name)
        browser.close()
    if "--docs" in sys.argv:
        target = ROOT / "docs" / "img"
        target.mkdir(exist_ok=True)
        for name in sorted(IN_DOCS):
            shutil.copy(folder / f"{name}-1280-light.png", target / f"{name}.png")


if __name__ == "__main__":
    main()
