"""The configurations that the check reads, by the class of a part."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.tables.configurations.denoisers import DENOISERS
from promptlang.tables.configurations.encoders import ENCODERS
from promptlang.tables.configurations.row import Described
from promptlang.tables.configurations.vaes import VAES

DESCRIBED: Mapping[str, Described] = MappingProxyType({**ENCODERS, **DENOISERS, **VAES})
"""Only what a configuration says is compared, and only tensors in their own shapes."""
