"""Where a server is, as somebody wrote it."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from promptlang.values import dataclass, field
from promptlang_runtime.errors import RenderError

EXAMPLE = "http://127.0.0.1:8188"
_VERSION = "/v1"  # clients of OpenAI are told it as a part of the address


@dataclass(frozen=True, slots=True)
class Address:
    """The beginning of every address of a server, without a slash at its end, and the token that is sent to it.

    A token with a colon is a name and a password.
    """

    url: str
    token: str = field(default="", repr=False)

    @property
    def is_loopback(self) -> bool:
        """Whether it is this computer."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    @property
    def is_in_clear(self) -> bool:
        """Whether others on the way can read a token."""
        return bool(self.token) and self.url.startswith("http:") and not self.is_loopback

    def holds(self, url: str) -> bool:
        """Whether an address is one of the same server."""
        return _place(urlsplit(url)) == _place(urlsplit(self.url))


def address_of(text: str, token: str = "") -> Address:
    """The address of a server; raises RenderError for what is none."""
    try:
        parts = urlsplit(text.strip())
        _ = parts.port
    except ValueError:
        raise RenderError(f"`{text}` is no address of a server", f"write one as `{EXAMPLE}`") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not text.strip().isascii() or " " in text.strip():
        raise RenderError(f"`{text}` is no address of a server", f"write one as `{EXAMPLE}`")
    if parts.username is not None:
        raise RenderError("a name or password in the address would be printed", "write both into the token, as `A:B`")
    if parts.query or parts.fragment:
        raise RenderError(f"`{text}` says more than where a server is", "leave out what follows `?` or `#`")
    if token and not (token.isascii() and token.isprintable()):
        raise RenderError("the token holds letters that no header can", "write it in ASCII, on one line")
    path = parts.path.rstrip("/").removesuffix(_VERSION).rstrip("/")
    return Address(f"{parts.scheme}://{parts.netloc}{path}", token)


def _place(parts: SplitResult) -> tuple[str, str | None, int | None]:
    standard = {"http": 80, "https": 443}
    try:
        return parts.scheme, parts.hostname, parts.port or standard.get(parts.scheme)
    except ValueError:
        return "", None, None
