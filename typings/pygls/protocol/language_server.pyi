"""pygls remembers the types of messages, so that no other method may stand in for the one that knows them."""

from collections.abc import Callable
from typing import TypeVar

from pygls.protocol.json_rpc import JsonRPCProtocol

Function = TypeVar("Function", bound=Callable[..., object])

def lsp_method(method_name: str) -> Callable[[Function], Function]: ...

class LanguageServerProtocol(JsonRPCProtocol):
    def _register_builtin_features(self) -> None: ...
