"""Signature help: what an option takes, while its value is typed."""

from __future__ import annotations

from promptlang.kinds import Numbers, describe
from promptlang.options import option
from promptlang_lsp.features.cursor import cursor
from promptlang_lsp.features.documentation import option_lines
from promptlang_lsp.features.places import local
from promptlang_lsp.page import Page
from promptlang_lsp.protocol import Json

FREEU = ("s1", "s2", "b1", "b2")


def signature_help(page: Page, offset: int) -> Json:
    """The form of the option whose value the cursor stands in, None elsewhere."""
    index, at = local(page, offset)
    text = page.snapshot.pieces[index].text
    here = cursor(text, at)
    row = option(here.owner) if here.kind == "value" else None
    if row is None:
        return None
    head = f"/{row.name}:"
    if isinstance(row.kind, Numbers):
        names = FREEU if row.name == "freeu" else tuple(f"number {each + 1}" for each in range(row.kind.count))
        active = min(here.typed.count(","), row.kind.count - 1)
    else:
        names, active = (describe(row.kind).replace("`", ""),), 0
    labels: list[Json] = []
    label = head
    for name in names:
        label += "," if labels else ""
        labels.append({"label": [len(label), len(label) + len(name)]})
        label += name
    signature: Json = {
        "label": label,
        "documentation": {"kind": "markdown", "value": "\n\n".join(option_lines(row))},
        "parameters": labels,
    }
    return {"signatures": [signature], "activeSignature": 0, "activeParameter": active}
