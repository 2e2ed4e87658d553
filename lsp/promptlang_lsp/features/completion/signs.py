"""What a dialect's groups and calls look like while they are being written, from the spellings in its row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from promptlang.tables.dialects import NETWORK_PREFIXES, dialect_row, fuller

NUMBER = r"(?P<number>\d*\.?\d*)$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """Patterns of unfinished text, and what closes it."""

    call: re.Pattern[str]
    strength: re.Pattern[str]
    strength_sign: str  # without which no text is tried
    call_closes: str  # empty where the dialect calls no network
    weight: re.Pattern[str] | None  # None where no number stands inside a group
    weight_sign: str
    weight_closes: str
    embedding: str  # what stands before the name of an embedding, if that is no `<`


@cache
def signs(parser: str) -> Signs:
    """The signs of a dialect; a number is seen in one that ignores it too, and nothing else is offered there."""
    row = dialect_row(parser)
    opens, _, closes = row.network.partition("{name}")
    sign = row.strength.partition("{weight}")[0]
    is_angle = not opens or opens.startswith("<")
    embedding = row.embedding.partition("{name}")[0]
    prefix = embedding[1:-1] if embedding.startswith("<") else ""  # such as `embed`
    kinds = "|".join((*NETWORK_PREFIXES, prefix) if prefix else NETWORK_PREFIXES)
    group, _, group_closes = dialect_row(fuller(parser)).group.partition("{weight}")
    group_opens, _, group_sign = group.partition("{words}")
    return Signs(
        call=re.compile(rf"<(?:(?P<kind>{kinds}):)?(?P<name>(?:[^\s<>:,][^<>:,\r\n]*)?)$")
        if is_angle
        else re.compile(_call(opens, sign, closes) + "$"),
        strength=re.compile(rf"<(?!(?:{kinds}):[^<>:]*$)[^<>\r\n]*[^<>:\r\n]:{NUMBER}")
        if is_angle
        else re.compile(rf"{_call(opens, sign, closes)}{re.escape(sign.strip())}[ \t]*{NUMBER}"),
        strength_sign=sign.strip(),
        call_closes=closes,
        weight=re.compile(_group(group_opens, group_sign)) if group_closes and "{words}" in group else None,
        weight_sign=group_sign,
        weight_closes=group_closes,
        embedding="" if embedding.startswith("<") else embedding,
    )


def _call(opens: str, sign: str, closes: str) -> str:
    return rf"{re.escape(opens)}(?P<kind>)(?P<name>[^{re.escape(sign.strip()[:1] + closes)}\r\n]*)"


def _group(opens: str, sign: str) -> str:
    return rf"{re.escape(opens)}(?:[^()\[\]<>{{}}\r\n]|\\[()])*\w[)\]\s]*{re.escape(sign)}{NUMBER}"
