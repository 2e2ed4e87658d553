"""A name that nothing here knows: whatever dialect calls it, the plan holds it and the renderer refuses it."""

from __future__ import annotations

import pytest

import promptlang
from promptlang.refusals.models import network_refusal
from promptlang.tables.dialects import DIALECTS, NETWORK_PREFIXES, DialectRow


def _calls() -> list[str]:
    """Every way to call a network or an inversion, on either side."""
    return [
        f"/render /parser:{row.name} a cow {side}{call}" if row.docs else f"/render a cow {side}{call}"
        for row in DIALECTS.values()
        for call in _of(row)
        for side in ("", "/negative ")
    ]


def _of(row: DialectRow) -> list[str]:
    spellings = {row.network, row.embedding, "<{name}>"} - {"", "{name}"}
    if row.network.startswith("<"):
        spellings |= {f"<{prefix}:{{name}}>" for prefix in NETWORK_PREFIXES}
    return sorted(each.format(name="zorb") for each in spellings)


def test_there_are_calls() -> None:
    """Networks in four dialects, and embeddings in ComfyUI's."""
    assert len(_calls()) >= 12


@pytest.mark.parametrize("text", _calls())
def test_an_unknown_name_is_refused(text: str) -> None:
    """No network is left out silently, and none takes its place; words are said to be words."""
    found = {each.rule.name for each in promptlang.check(text)}
    (plan,) = promptlang.compile(text).plans
    called = [each for each in plan.networks if each.name == "zorb"]
    if called:
        assert network_refusal(called[0]) is not None
        assert "concept/unknown" in found
    else:
        said = {"a1111/network-in-negative", "concept/unknown-as-text", "swarm/unknown-tag"}
        assert plan.model.name == "zorb" or said & found, found
