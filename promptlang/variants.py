"""Variants as dynamicprompts reads them: `{a|b}`, `__wildcard__`, `${x=a}`, counted first and expanded lazily.

`parse` reads a text once, `count` tells what it stands for without expanding it, `expand` yields plain texts.
"""

from promptlang.variants_count import Count, count
from promptlang.variants_expand import Mode, expand
from promptlang.variants_nodes import Template
from promptlang.variants_parse import parse
from promptlang.wildcards import NO_WILDCARDS, Wildcards

__all__ = ["NO_WILDCARDS", "Count", "Mode", "Template", "Wildcards", "count", "expand", "parse"]
