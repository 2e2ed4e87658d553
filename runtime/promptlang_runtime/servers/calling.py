"""Calls to a server: requests within limits of time and size, asked again where it says so, and nowhere else."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from ssl import SSLCertVerificationError, SSLError
from threading import Event
from urllib.error import URLError
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request
from uuid import uuid4

from promptlang.importers.json_text import parsed, shortened
from promptlang.models.evidence.records import Record, is_list, printable
from promptlang.values import dataclass
from promptlang.version import VERSION
from promptlang_runtime.errors import RenderError, first_line
from promptlang_runtime.servers.address import Address

TOKEN = "PROMPTLANG_SERVER_TOKEN"
CONNECTING = 10  # seconds until somebody takes the call
ASKING = 30  # seconds for what a server knows
DRAWING = 1800  # seconds for a picture
LARGEST = 256 * 1024**2  # bytes of an answer
TRIES = 5  # of what a server is too busy for
LONGEST_WAIT = 120  # seconds between two of them
_PIECE = 2**16
_SAID = ("message", "error", "detail", "errors", "msg")  # where refusals say why, in the order that counts


class Unreached(RenderError):
    """A server that nobody answers at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    kind: str
    data: bytes

    @property
    def json(self) -> object:
        """The value of a JSON text; None where it is none."""
        try:
            return parsed(self.data.decode("utf-8"))
        except UnicodeDecodeError:
            return None

    @property
    def is_page(self) -> bool:
        """Whether it is a page for a browser."""
        return "html" in self.kind or self.data[:512].lstrip()[:1] == b"<"


class Caller:
    """Calls one server. What waits there ends where it is `stopped`."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.stopped = Event()
        self._opener = OpenerDirector()  # without what follows to other addresses, and opens files
        proxies = ProxyHandler({}) if address.is_loopback else ProxyHandler()
        for each in (proxies, _Plain(), _Safe()):
            self._opener.add_handler(each)

    def record(self, path: str, body: Mapping[str, object] | None = None, *, seconds: float = ASKING) -> Record:
        """The object that is answered; raises RenderError for any other answer."""
        return self._record(path, self.asked(path, body, seconds=seconds))

    def asked(self, path: str, body: Mapping[str, object] | None = None, *, seconds: float = ASKING) -> Answer:
        """What is answered, whatever it is; raises RenderError where nothing is."""
        if body is None:
            return self.answered(path, seconds=seconds)
        return self.answered(path, json.dumps(body).encode(), "application/json", seconds=seconds)

    def sent(
        self,
        path: str,
        fields: Mapping[str, str],
        files: Mapping[str, tuple[str, bytes]],
        *,
        seconds: float = ASKING,
    ) -> Record:
        """The object that is answered to a form with PNG files; raises RenderError for any other answer."""
        mark = uuid4().hex
        parts = [(f'form-data; name="{name}"', "", value.encode()) for name, value in fields.items()]
        for name, (file, data) in files.items():
            parts.append((f'form-data; name="{name}"; filename="{file}"', "Content-Type: image/png\r\n", data))
        body = b"".join(
            f"--{mark}\r\nContent-Disposition: {said}\r\n{kind}\r\n".encode() + data + b"\r\n"
            for said, kind, data in parts
        )
        body += f"--{mark}--\r\n".encode()
        answer = self.answered(path, body, f"multipart/form-data; boundary={mark}", seconds=seconds)
        return self._record(path, answer)

    def _record(self, path: str, answer: Answer) -> Record:
        self.check(answer)
        found = answer.json
        if isinstance(found, Record):
            return found
        what = f"{_form(answer)} where JSON is due" if found is None else "JSON of another form"
        raise RenderError(f"`{self.address.url}` answers `{path}` with {what}")

    def answered(self, path: str, body: bytes | None = None, kind: str = "", *, seconds: float = ASKING) -> Answer:
        """What is answered; asked again where the server says that it is too busy now."""
        for number in range(1, TRIES + 1):
            answer, pause = self._once(path, body, kind, seconds, number)
            if pause is None or number == TRIES:
                return answer
            if self.stopped.wait(pause):
                break
        raise RenderError("stopped")

    def check(self, answer: Answer) -> None:
        """Raises RenderError for the answer that is a refusal."""
        if answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return
        url = self.address.url
        if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            why = "takes another token" if self.address.token else "wants a token"
            raise RenderError(f"`{url}` {why} ({answer.status})", f"write it into {TOKEN}")
        said = _said(answer.json) if not answer.is_page else ""
        raise RenderError(f"`{url}` answers {answer.status}: {said or _form(answer)}")

    def _once(
        self, path: str, body: bytes | None, kind: str, seconds: float, number: int
    ) -> tuple[Answer, float | None]:
        """One try, and how long to wait before the next, if there should be one."""
        url = self.address.url
        headers = {"User-Agent": f"promptlang/{VERSION}", "Accept": "application/json, image/*"}
        if kind:
            headers["Content-Type"] = kind
        if token := self.address.token:
            headers["Authorization"] = _authorization(token)
        request = Request(f"{url}{path}", data=body, headers=headers, method="GET" if body is None else "POST")
        deadline = time.monotonic() + seconds
        try:
            with self._opener.open(request, timeout=seconds) as response:
                assert isinstance(response, HTTPResponse)
                if HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST:
                    raise self._elsewhere(response)
                data = self._read(response, deadline, seconds)
                answer = Answer(status=response.status, kind=response.headers.get("Content-Type", ""), data=data)
                return answer, _pause(answer.status, response.headers.get("Retry-After"), number)
        except TimeoutError:
            raise self._late(seconds) from None
        except (URLError, OSError, HTTPException, ValueError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            if isinstance(reason, TimeoutError):
                raise Unreached(f"nobody answers at `{url}`", "correct `--server`, or start it") from None
            why = reason if isinstance(reason, str) else _why(reason)
            raise Unreached(f"`{url}` does not answer: {why}", "correct `--server`, or start it") from None

    def _read(self, response: HTTPResponse, deadline: float, seconds: float) -> bytes:
        announced = response.length  # none where it comes in pieces
        pieces: list[bytes] = []
        size = 0
        while size != announced and (piece := response.read1(_PIECE)):  # what is there, however little that is
            size += len(piece)
            if size > LARGEST:
                raise RenderError(f"the answer of `{self.address.url}` is larger than {LARGEST // 1024**2} MiB")
            if time.monotonic() > deadline:
                raise self._late(seconds)
            pieces.append(piece)
        if announced and size < announced:
            raise IncompleteRead(b"", announced - size)
        return b"".join(pieces)

    def _late(self, seconds: float) -> RenderError:
        return Unreached(f"`{self.address.url}` has not answered in {seconds:.0f} s", "look at what it does there")

    def _elsewhere(self, response: HTTPResponse) -> RenderError:
        place = printable(response.headers.get("Location", ""))[:200]
        return RenderError(f"`{self.address.url}` sends elsewhere: `{place}`", "name that address if you trust it")


class _Plain(HTTPHandler):
    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_Connection, req)


class _Safe(HTTPSHandler):
    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_SafeConnection, req)


class _Connection(HTTPConnection):
    """One that is not waited for as long as a picture is."""

    def connect(self) -> None:
        patience, self.timeout = self.timeout, CONNECTING
        super().connect()
        self.sock.settimeout(patience)


class _SafeConnection(HTTPSConnection):
    """The same."""

    def connect(self) -> None:
        patience, self.timeout = self.timeout, CONNECTING
        super().connect()
        self.sock.settimeout(patience)


def _authorization(token: str) -> str:
    return f"Basic {b64encode(token.encode()).decode()}" if ":" in token else f"Bearer {token}"


def _pause(status: int, after: str | None, number: int) -> float | None:
    """How long to wait before the same is asked again; None where it is not."""
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.SERVICE_UNAVAILABLE and after):
        return min(max(_seconds(after, 2.0 ** (number - 1)), 0.0), LONGEST_WAIT)
    return None


def _seconds(after: str | None, otherwise: float) -> float:
    """What `Retry-After` says, a number or a time."""
    if not after:
        return otherwise
    if after.strip().isdecimal():
        return float(after.strip()[:6])
    try:
        return parsedate_to_datetime(after).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return otherwise


def _said(found: object) -> str:
    """What a refusal says, wherever that stands in its JSON."""
    if isinstance(found, str):
        return shortened(printable(found))
    if isinstance(found, Record):
        return next((said for key in _SAID if (said := _said(found.get(key)))), "")
    return _said(found[0]) if is_list(found) and found else ""


def _form(answer: Answer) -> str:
    if answer.is_page:
        return "a page for a browser"
    return f"{len(answer.data)} bytes that say nothing" if answer.data else "nothing"


def _why(error: object) -> str:
    if isinstance(error, IncompleteRead):
        return "it hung up in the middle"
    if isinstance(error, SSLCertVerificationError):
        return f"its certificate is not trusted, {error.verify_message}"
    if isinstance(error, SSLError) and error.reason:
        return f"no TLS is spoken with it, {error.reason.lower().replace('_', ' ')}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return first_line(error) if isinstance(error, Exception) else str(error)
