"""pygls hands on what it is built with unseen, and names streams where it only reads and writes them."""

from collections.abc import Callable
from typing import BinaryIO, Protocol

from cattrs import Converter
from pygls.lsp._base_server import BaseLanguageServer
from pygls.protocol import LanguageServerProtocol

class Reader(Protocol):
    def readline(self) -> bytes: ...
    def read(self, length: int, /) -> bytes: ...

class LanguageServer(BaseLanguageServer):
    def __init__(
        self,
        name: str,
        version: str,
        *,
        protocol_cls: type[LanguageServerProtocol],
        converter_factory: Callable[[], Converter],
    ) -> None: ...
    def start_io(self, stdin: Reader | None = None, stdout: BinaryIO | None = None) -> None: ...
