"""What does nothing is said in every dialect, of every family and variant, and of what acts nothing is said."""

from __future__ import annotations

import pytest

import promptlang
from promptlang.config.chain import load as load_project
from promptlang.tables.models.abilities import ability
from promptlang.tables.models.families import FAMILIES, UNKNOWN

ASKED = {
    "weights": {
        "old": "a (red) cow",
        "new": "a (red:1.9) cow",
        "a1111": "a (red:1.9) cow",
        "comfy": "a (red:1.9) cow",
        "compel": "a (red)1.9 cow",
    },
    "negative": {
        "old": "/guidance:5 a cow [blue]",
        "new": "/guidance:5 a cow [blue]",
        "a1111": "/guidance:5 a cow /negative blue",
        "comfy": "/guidance:5 a cow /negative blue",
        "compel": "/guidance:5 a cow /negative blue",
    },
    "break": {"a1111": "a red cow BREAK a barn"},
    "guidance": dict.fromkeys(("old", "new", "a1111", "comfy", "compel"), "/guidance:5 a cow"),
}
RULES = {
    "weights": {"weight/no-effect", "weight/read-aloud"},
    "negative": {"negative/no-effect"},
    "break": {"break/no-effect"},
    "guidance": {"guidance/no-effect"},
}
KINDS = [
    (row, variant) for row in FAMILIES if row is not UNKNOWN for variant in ("", *(each.name for each in row.variants))
]


@pytest.mark.parametrize(("row", "variant"), KINDS, ids=[f"{row.name} {variant}".strip() for row, variant in KINDS])
def test_what_does_nothing_is_said_and_nothing_else(tmp_path, row, variant):
    named = f', variant = "{variant}"' if variant else ""
    entry = f'model = {{ path = "model.safetensors", kind = "checkpoint", family = "{row.name}"{named} }}'
    (tmp_path / "promptlang.toml").write_text(f"[concepts.names]\n{entry}\n")
    project = load_project(tmp_path / "promptlang.toml").project
    for feature, texts in ASKED.items():
        for dialect, words in texts.items():
            parser = "" if dialect == "old" else f"/parser:{dialect} "
            found = promptlang.check(f"/set <model>\n/render {parser}{words}", project=project)
            said = {each.rule.name for each in found} & RULES[feature]
            assert bool(said) is not ability(feature, row, variant).acts, (feature, dialect)
