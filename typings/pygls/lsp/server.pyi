"""pygls hands on what it is built with unseen."""

from collections.abc import Callable

from cattrs import Converter
from pygls.lsp._base_server import BaseLanguageServer
from pygls.protocol import LanguageServerProtocol

class LanguageServer(BaseLanguageServer):
    def __init__(
        self,
        name: str,
        version: str,
        *,
        protocol_cls: type[LanguageServerProtocol],
        converter_factory: Callable[[], Converter],
    ) -> None: ...
