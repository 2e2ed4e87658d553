"""What is answered to whom: a fixed list of files, the pictures of this session, and three WebSockets.

A page elsewhere on the web can reach 127.0.0.1 too, so nothing is answered without the word in the address, and
nothing to a foreign `Host` or `Origin`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from pathlib import Path
from secrets import compare_digest
from typing import TYPE_CHECKING

from promptlang import handbook
from promptlang.tables.endings import DRAWN
from promptlang.version import VERSION
from promptlang_play.examples import examples
from promptlang_play.pictures import Pictures
from promptlang_play.runs import Runs

if TYPE_CHECKING:
    from websockets.datastructures import Headers
    from websockets.http11 import Request, Response
    from websockets.sync.server import ServerConnection

HOST = "127.0.0.1"
HERE = Path(__file__).parent
FILES: Mapping[str, tuple[Path, str]] = {
    "": (HERE / "page" / "index.html", "text/html; charset=utf-8"),
    "icon.svg": (HERE / "page" / "icon.svg", "image/svg+xml"),
    "page.css": (HERE / "page" / "page.css", "text/css; charset=utf-8"),
    "editor.css": (HERE / "page" / "editor.css", "text/css; charset=utf-8"),
    "pictures.css": (HERE / "page" / "pictures.css", "text/css; charset=utf-8"),
    "play.js": (HERE / "built" / "play.js", "text/javascript; charset=utf-8"),
    "libraries.js": (HERE / "built" / "libraries.js", "text/javascript; charset=utf-8"),
}
LARGEST = 1 << 22  # of a message from the page: four mebibytes of prompt

# The editor writes its own style elements; everything else comes from here and from nowhere else.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def built() -> bool:
    """Whether the part of the page that is compiled is there."""
    return all(path.is_file() for path, _ in FILES.values())


@dataclass(frozen=True, slots=True)
class Start:
    """What a session begins with: the file shown, its text, where pictures go, and the word in the address."""

    file: Path
    text: str
    out: Path
    token: str


@dataclass(slots=True)
class Site:
    """A session: what it began with, where it listens, and its pictures."""

    start: Start
    port: int = 0
    pictures: Pictures = field(init=False)
    runs: Runs = field(default_factory=Runs)

    def __post_init__(self) -> None:
        self.pictures = Pictures(self.start.out)

    @property
    def address(self) -> str:
        """What to open."""
        return f"http://{HOST}:{self.port}/{self.start.token}/"

    def settings(self) -> bytes:
        """What the page needs to know before it can begin."""
        folder = self.start.file.parent
        facts = {
            "uri": self.start.file.as_uri(),
            "folder": folder.as_uri(),
            "name": self.start.file.name,
            "text": self.start.text,
            "version": VERSION,
            "examples": [asdict(each) for each in examples()],
        }
        return json.dumps(facts).encode()

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """The answer to a request; None lets a WebSocket begin."""
        del connection
        headers = request.headers
        if headers.get("Host") not in (f"{HOST}:{self.port}", f"localhost:{self.port}"):
            return _refusal(HTTPStatus.MISDIRECTED_REQUEST)
        token, _, name = request.path.removeprefix("/").partition("?")[0].partition("/")
        if not compare_digest(token.encode(), self.start.token.encode()):
            return _refusal(HTTPStatus.NOT_FOUND)
        if name in SOCKETS:
            own = f"http://{headers['Host']}"
            upgrades = headers.get("Upgrade", "").lower() == "websocket"
            return None if upgrades and headers.get("Origin") == own else _refusal(HTTPStatus.FORBIDDEN)
        return self._file(name)

    def _file(self, name: str) -> Response:
        if name == "settings.json":
            return _response(HTTPStatus.OK, "application/json", self.settings())
        if name == "history.json":
            return _response(HTTPStatus.OK, "application/json", json.dumps(self.runs.data()).encode())
        path, kind = FILES.get(name) or _documentation(name) or self._picture(name)
        if path is None or not path.is_file():
            return _refusal(HTTPStatus.NOT_FOUND)
        return _response(HTTPStatus.OK, kind, path.read_bytes())

    def _picture(self, name: str) -> tuple[Path | None, str]:
        picture = self.pictures.published.get(name)
        return picture, DRAWN[picture.suffix] if picture else ""

    def talk(self, connection: ServerConnection) -> None:
        """Serve a WebSocket until it closes."""
        assert connection.request is not None
        SOCKETS[connection.request.path.rpartition("/")[2]](self, connection)


def _documentation(name: str) -> tuple[Path | None, str] | None:
    """The pages that hovers and findings lead to."""
    page = name.removeprefix("docs/")
    if page == name or page not in (handbook.RULES, handbook.OPTIONS):
        return None
    return handbook.page(page), "text/markdown; charset=utf-8"


def _language_server(site: Site, connection: ServerConnection) -> None:
    from promptlang_lsp.server import serve_page

    del site
    serve_page(connection)


def _renders(site: Site, connection: ServerConnection) -> None:
    from promptlang_play.renders import follow

    follow(site.start.file, site.pictures, site.runs, connection)


def _explanations(site: Site, connection: ServerConnection) -> None:
    from promptlang_play.explaining import answer

    answer(site.start.file, connection)


SOCKETS: Mapping[str, Callable[[Site, ServerConnection], None]] = {
    "lsp": _language_server,
    "render": _renders,
    "explain": _explanations,
}


def serve(start: Start, port: int, *, browser: bool) -> int:
    """Serve the page until Ctrl-C; returns the exit code. Raises OSError where the port is taken."""
    from websockets.sync.server import serve as listen

    site = Site(start)
    with listen(
        site.talk, HOST, port, process_request=site.answer, max_size=LARGEST, compression=None, server_header=None
    ) as server:
        site.port = server.socket.getsockname()[1]
        print(f"playing at {site.address}\nCtrl-C ends it", file=sys.stderr, flush=True)
        if browser:
            import webbrowser

            webbrowser.open(site.address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print(file=sys.stderr)
    return 0


def _refusal(status: HTTPStatus) -> Response:
    return _response(status, "text/plain; charset=utf-8", f"{status.phrase.lower()}\n".encode())


def _response(status: HTTPStatus, kind: str, body: bytes) -> Response:
    from websockets.http11 import Response

    return Response(status.value, status.phrase, _headers(kind, len(body)), body)


def _headers(kind: str, length: int) -> Headers:
    from websockets.datastructures import Headers

    return Headers(
        [
            ("Content-Type", kind),
            ("Content-Length", str(length)),
            ("Content-Security-Policy", POLICY),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),  # the address holds the word
            ("X-Content-Type-Options", "nosniff"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Connection", "close"),
        ]
    )
