"""Run by `test_toy_option.py` in a process of its own: the house with one more row, and what its views make of it."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

ROW = """GRAIN = Option(
    name="grain",
    kind=Number(low=1, high=4, likely=(1.5, 2)),
    sweeps=True,
    fills=Value(field="grain"),
    docs="Put grain into the picture, as film has it.",
    source="a test",
    default="off",
)

"""
FIELD = "    grain: float | None = None\n"


def add(module: str, *lines: tuple[str, str]) -> None:
    """Import the module with lines more in its source, each in front of the one text that says where."""
    spec = importlib.util.find_spec(module)
    assert spec
    assert spec.origin
    assert module not in sys.modules, f"{module} is imported before it can be changed"
    source = Path(spec.origin).read_text(encoding="utf-8")
    for before, line in lines:
        assert source.count(before) == 1
        source = source.replace(before, line + before)
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[module] = loaded
    exec(compile(source, spec.origin, "exec"), loaded.__dict__)


def views() -> dict[str, object]:
    """What every view says of the new option; nothing below knows of it but by name."""
    from promptlang import check, compile, explain
    from promptlang.plans.json import content_hash, from_json, schema, to_data, to_json
    from promptlang.reference.editor_words import options
    from promptlang.reference.pages import options_page
    from promptlang.statements.format import format_text
    from promptlang_lsp.features.completion.completion import completion
    from promptlang_lsp.features.hover.hover import hover
    from tests.lsp.pages import page

    plain, asked, swept = (compile(f"/render {text} a cow").plans for text in ("", "/grain:2", "/grain:2|3"))
    typing, cursor = page("/render /gr‸ a cow")
    pointed, place = page("/render /gr‸ain:2 a cow")
    return {
        "check": [each.rule.name for each in check("/render /grain:9 a cow")],
        "misspelled": [each.help for each in check("/render /graiz:2 a cow")],
        "completion": json.dumps(completion(typing, cursor.start)),
        "hover": json.dumps(hover(pointed, place.start)),
        "explain": [(each.name, each.value, each.origin) for each in explain("/set /grain:2\n/render a cow").options],
        "format": format_text("/render a cow /GRAIN:2 /seed:1"),
        "docs": options_page(),
        "editors": list(options(flags=False)),
        "plan": [to_data(each[0])["grain"] for each in (plain, asked)],
        "sweep": [each.axes for each in swept],
        "hashes": len({content_hash(each) for each in (*plain, *asked, *swept)}),
        "json": from_json(to_json(asked[0])) == asked[0],
        "schema": "grain" in json.dumps(schema()),
    }


if __name__ == "__main__":
    add("promptlang.tables.options.drawing", ("LPW = Option", ROW))
    add(
        "promptlang.tables.options.table",
        ("    GUIDANCE,\n    KARRAS", "    GRAIN,\n"),
        (")\n\nOPTIONS: Mapping", "    GRAIN,\n"),
    )
    add("promptlang.plans.plan", ("    file_format: Literal", FIELD))
    print(json.dumps(views()))
