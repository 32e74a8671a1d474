"""A person without a browser: plain HTTP with cookies, forms and their tokens. Fast enough to answer like a crowd."""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from tests.journeys.people import PASSWORD

FIELD = re.compile(r'<input type="hidden"\s+name="(csrfmiddlewaretoken|once)"\s+value="([^"]*)"')
LINK = re.compile(r"<code>(http[^<]+/join/[^<]+)</code>")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site answered: status, where it sends us (empty if nowhere), the page."""

    status: int
    sent_to: str
    text: str


class Visitor:
    """One person's session with the site. ``review`` is the path of the review's landing page."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.review = ""
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), _Stay())

    def _send(self, path: str, data: bytes | None = None, kind: str = "") -> Answer:
        request = urllib.request.Request(urllib.parse.urljoin(self.site, path), data=data)
        if kind:
            request.add_header("Content-Type", kind)
        try:
            with self._opener.open(request, timeout=60) as reply:
                return Answer(reply.status, "", reply.read().decode())
        except urllib.error.HTTPError as reply:
            return Answer(reply.code, reply.headers.get("Location", ""), reply.read().decode())

    def get(self, path: str) -> Answer:
        return self._send(path)

    def post(self, path: str, fields: Mapping[str, str | Sequence[str]], page: Answer) -> Answer:
        """Send a form of ``page``, with the tokens that the page carries."""
        whole = {**tokens(page.text), **fields}
        return self._send(path, urllib.parse.urlencode(whole, doseq=True).encode())

    def fill_in(self, path: str, **fields: str | Sequence[str]) -> Answer:
        """Open a page, send its form, and expect to be sent on; returns the page after it."""
        reply = self.post(path, fields, self.get(path))
        assert reply.status == 302, f"{path}: {reply.status}\n{reply.text[:2000]}"
        return self._send(reply.sent_to)

    def sign_in(self, email: str, password: str) -> None:
        self.fill_in("/account/login/", login=email, password=password)

    def open_review(self, title: str, **protocol: str) -> None:
        reply = self.post("/", {"title": title}, self.get("/"))
        assert reply.status == 302
        self.review = reply.sent_to.removesuffix("protocol/")
        told = {"release_setting": "round", "advance_rule": "both"}
        self.fill_in(reply.sent_to, **told, **protocol)

    def invite(self, *roles: str) -> str:
        path = self.review + "team/"
        page = self.get(path)
        # this form carries no once key: its answer is a page, which a repeat could not give again
        fields = {"roles": roles, "name": "", "csrfmiddlewaretoken": tokens(page.text)["csrfmiddlewaretoken"]}
        found = LINK.search(self._send(path, urllib.parse.urlencode(fields, doseq=True).encode()).text)
        assert found
        return found[1]

    def join(self, link: str, name: str) -> None:
        path = urllib.parse.urlsplit(link).path
        reply = self.post(
            path, {"name": name, "email": f"{name}@example.org", "password": PASSWORD}, self.get(path)
        )
        assert reply.status == 302, reply.text[:2000]
        self.review = reply.sent_to

    def add_source(self, name: str) -> str:
        """Return the path of the source's page."""
        path = self.review + "sources/"
        reply = self.post(path, {"name": name, "kind": "database", "wave": "1"}, self.get(path))
        assert reply.status == 302, reply.text[:2000]
        return reply.sent_to

    def bring_in(self, source: str, file: Path) -> str:
        """Upload a file; returns the path of its import report."""
        edge = uuid.uuid4().hex
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in tokens(self.get(source).text).items()
        ]
        head = f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{file.name}"\r\n'
        parts += [head.encode(), b"Content-Type: text/plain\r\n\r\n", file.read_bytes(), b"\r\n"]
        body = b"".join([*parts, f"--{edge}--\r\n".encode()])
        reply = self._send(source + "files/", body, f"multipart/form-data; boundary={edge}")
        assert reply.status == 302, f"{reply.status}\n{reply.text[:2000]}"
        return reply.sent_to


def tokens(page: str) -> dict[str, str]:
    """Return the CSRF token and the once key of a page's main form (the last ones on the page win)."""
    return dict(FIELD.findall(page.partition("<main")[2] or page))
