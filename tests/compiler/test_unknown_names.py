"""A name that nothing here knows: whatever dialect calls it, the plan holds it and the renderer refuses it."""

from __future__ import annotations

from pathlib import Path

import pytest

import promptlang
from promptlang.config.chain import load
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


@pytest.mark.parametrize("family", ["", '\nfamily = "sd1"'])
@pytest.mark.parametrize("kind", ["checkpoint", "lora", "vae", "unknown"])
def test_a_file_that_cannot_be_read_is_named_in_the_plan(tmp_path: Path, kind: str, family: str) -> None:
    """Whatever its entry says that it is."""
    (tmp_path / "zorb.safetensors").write_bytes(bytes(64))
    (tmp_path / "promptlang.toml").write_text(
        f'[concepts.zorb]\npath = "zorb.safetensors"\nkind = "{kind}"{family}\n', encoding="utf-8"
    )
    project = load(tmp_path / "promptlang.toml").project
    (plan,) = promptlang.compile("/render <zorb> a cow", project=project).plans
    named = [each.unusable for each in (plan.model, *plan.networks) if each.name == "zorb"]
    assert [each.partition(":")[0] for each in named] == ["<zorb> cannot be drawn with"]


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
