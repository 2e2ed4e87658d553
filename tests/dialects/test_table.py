"""A dialect is one folder, one grammar and one row: a toy proves it, and no other place knows a dialect by name."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from promptlang.checks.rules import RULES
from promptlang.dialects.dialect import dialect
from promptlang.plans.plan import Run
from promptlang.source import Passage
from promptlang.tables.dialects import DIALECTS, dialect_row

ROOT = Path(__file__).parents[2]

# Where a dialect's name may stand as such. A way to weigh has the name of the program that weighs so.
ROOMS = {
    "promptlang/tables/dialects.py": "the table itself",
    "promptlang/tables/arithmetics.py": "whose way of computing draws, by the names of programs",
    "promptlang/plans/plan.py": "the ways to weigh that a plan may ask for",
    "promptlang/dialects/formulas.py": "how far a number reaches in each way to weigh",
    "promptlang/tokens/layouts.py": "how each way to weigh lays tokens out",
    "runtime/promptlang_runtime/conditioning": "how each way to weigh acts on embeddings",
    "promptlang/importers/programs": "programs by their names, which some dialects share",
    "promptlang/exporters/targets.py": "programs by their names, which some dialects share",
    "promptlang/cli/table.py": "words for commands, of which one is that of a dialect too",
    "promptlang/dialects/words": "a folder of its own",
    "promptlang/dialects/a1111": "a folder of its own",
    "promptlang/dialects/comfy": "a folder of its own",
    "promptlang/dialects/compel": "a folder of its own",
    "promptlang/dialects/novelai": "a folder of its own",
    "promptlang/dialects/swarm": "a folder of its own",
}


def test_names_stand_in_the_table_alone() -> None:
    """The compiler, the server and the runtime ask the row."""
    found: list[str] = []
    for package in ("promptlang", "lsp", "runtime"):
        for path in (ROOT / package).rglob("*.py"):
            place = path.relative_to(ROOT).as_posix()
            if place.startswith(tuple(ROOMS)):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and node.value in DIALECTS:
                    found.append(f"{place}:{node.lineno}: {node.value!r}")
    assert found == []


@pytest.mark.parametrize("row", DIALECTS.values(), ids=list(DIALECTS))
def test_rows_are_whole(row: Any) -> None:
    """Each row has its reader, its rules and its grammar, and its spellings have the places to fill."""
    assert dialect(row.name).name == row.name
    assert dialect(row.name).parse(Passage("a cow")).dialect == row.name
    assert (ROOT / "grammars" / f"{row.name}.lark").is_file()
    assert any(rule.startswith(f"{row.name}/") for rule in RULES) or row.name in ("old", "new")
    assert "{words}" in row.group
    assert ("{weight}" in row.group) == row.numbers
    assert row.embedding.count("{name}") == 1
    assert row.network.count("{name}") == bool(row.network)
    assert row.successor in ("", *DIALECTS)


@pytest.mark.parametrize("row", DIALECTS.values(), ids=list(DIALECTS))
def test_spellings_are_read_as_they_say(row: Any) -> None:
    """A group, a call and a bare word written by the row are what the dialect reads."""
    from promptlang.syntax.nodes import Concept, Text, Weight, walk

    def read(text: str) -> list[object]:
        return list(walk(dialect(row.name).parse(Passage(text)).parts))

    (group,) = (node for node in read(f"a {row.group.format(words='cow', weight='1.5')}") if isinstance(node, Weight))
    assert group.factor == (1.5 if row.numbers else 1.1)
    if row.network:
        call = row.network.format(name="hat")
        strong = f"{call[:-1]}{row.strength.format(weight='0.5')}{call[-1]}"
        for text, weight in ((call, (None, 1.0)), (strong, (0.5,))):
            (concept,) = (node for node in read(f"a {text}") if isinstance(node, Concept))
            assert concept.name == "hat"
            assert concept.weight in weight
    embeddings = [node for node in read(f"a {row.embedding.format(name='ink')}") if isinstance(node, Concept)]
    assert len(embeddings) == row.calls_embeddings
    if row.group.startswith("{"):
        return  # a number stands first, and no bracket has a spelling
    brackets = f"{row.group[0]}b{row.group.replace('{weight}', '')[-1]}"
    (plain, *_) = dialect(row.name).plain(brackets)
    assert "".join(node.text for node in read(f"a {plain}") if isinstance(node, Text)) == f"a {brackets}"


def test_an_unknown_name_is_the_default() -> None:
    assert dialect_row("nothing like it") is dialect_row("old")


# --- a dialect that the house has never seen -----------------------------------------------------------


@cache
def answers(part: str) -> Any:
    """What the house says of the toy dialect, in a process of its own where the toy's row is in the table."""
    command = [sys.executable, "-m", "tests.dialects.toy", part]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_toy_is_read_checked_and_compiled() -> None:
    found = answers("compiled")
    assert found["dialect"] == found["alias"] == "toy"
    assert found["written"] == "a [red cow=1.3] CUT net(cow=0.5) hat"
    assert found["heavy"] == ["toy/heavy", "weight/above-two"]
    assert found["rule"] == "a toy counts for much"
    assert found["misspelled"] == ["write `/parser:toy`"]
    assert found["plan"] == ["toy", "comfy", [], [["cow", 0.5]]]
    assert ["red cow", 1.3, False] in found["runs"]
    assert any(ends for _, _, ends in found["runs"])
    assert "(red cow:1.3)" in found["infotext"]


def test_a_toy_is_explained_and_formatted() -> None:
    found = answers("compiled")
    assert found["explained"] == [["a ", 1.0], ["red cow", 1.3]]
    assert found["explained file"] == "toy"
    assert found["formatted"] == "/render /parser:toy a [red cow=1.3]\n"


def test_a_toy_is_told_apart_and_converted() -> None:
    found = answers("compiled")
    assert found["detected"] == ["toy", "[cow=1.2]", "weighs words as a toy does"]
    assert found["hint"] == ["`[cow=1.2]` weighs words as a toy does, but there is no `/parser`"]
    text, losses = found["converted"]
    assert "[red \\[cow\\]=1.3]" in text
    assert "CUT" in text
    assert "net(hat=0.5)" in text
    assert "the toy has no steps, the later words are kept" in losses
    assert set(found["back"]) == set(DIALECTS)
    assert found["back"]["a1111"] == ["a (red cow:1.3) BREAK <lora:cow:0.5> hat", []]
    assert "withLora(cow, 0.5)" in found["back"]["compel"][0]
    assert "Compel cannot end a chunk by hand, left out" in found["back"]["compel"][1]


def test_a_toy_is_served() -> None:
    found = answers("served")
    assert "Effective weight **1.3**, positive prompt" in found["hover"]
    assert found["parsers"] == [*(row.name for row in DIALECTS.values() if row.is_written), "toy"]
    assert found["weights"] == [["1.1", "1.1]"], ["1.2", "1.2]"]]
    assert found["calls"] == [["cow", "cow=1)"]]
    assert found["strengths"] == [["0.8", "0.8)"], ["0.6", "0.6)"]]
    assert found["embeddings"] == [["inkblot", "inkblot"]]
    assert found["bare embedding"] == [["inkblot", "a emb:inkblot"]]
    colours = dict(found["colours"])
    assert (colours["CUT"], colours["cow"], colours["1.3"]) == ("keyword", "class", "number")
    assert found["wrapped"] == "/render /parser:toy a [red cow=1.1] hat"
    assert found["up"] == "/render /parser:toy a [red cow=1.4] hat"
    assert found["call up"] == "/render /parser:toy a net(cow=0.95) hat"
    assert found["to the toy"] == "/render /parser:toy a [red cow=1.3] hat"
    assert found["from the toy"] == "/render /parser:compel a (red cow)1.3 hat"


@pytest.mark.skipif(not find_spec("transformers"), reason="the runtime extra is not installed")
def test_a_toy_is_encoded() -> None:
    """With a small text encoder, as the program does whose way to weigh its row names."""
    import torch
    from transformers import CLIPTextConfig, CLIPTextModel

    from promptlang_runtime.conditioning.encode import prompt_encoder

    torch.manual_seed(0)  # pyright: ignore[reportUnknownMemberType]
    config = CLIPTextConfig(hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=1)
    encoder = CLIPTextModel(config).eval()
    toy, comfy, plain = (
        prompt_encoder(encoder, weighting=weighting, clip_skip=1).embed([Run(*run) for run in runs])
        for weighting, runs in answers("planned")
    )
    assert list(toy.shape) == [1, 77, 16]
    assert torch.equal(toy, comfy)
    assert not torch.equal(toy, plain)
