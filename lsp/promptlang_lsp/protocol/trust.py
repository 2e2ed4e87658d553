"""What a client may do, by the way it came in."""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest

from promptlang_lsp.protocol.words import INVALID_REQUEST, Json, RequestError


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whether a client's settings may name a program to start, and the word it must say with `initialize`."""

    names_programs: bool
    token: str = ""

    def admit(self, said: Json) -> None:
        """Let a client in that knows the word; raises RequestError for any other."""
        if self.token and not compare_digest(str(said).encode(), self.token.encode()):
            help = "`initializationOptions.token` must be the word that the server printed when it started"
            raise RequestError(INVALID_REQUEST, help)


PARENT = Trust(names_programs=True)
"""An editor that started the server and speaks with it over its own pipe: it can start any program anyway."""
