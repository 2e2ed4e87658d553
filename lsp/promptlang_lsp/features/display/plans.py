"""The plans of one statement, in words and as data."""

from __future__ import annotations

import json

from promptlang_lsp.texts.page import Page

WIDTH = 100  # columns of an explanation


def plan_text(page: Page, index: int) -> str:
    """A JSON list; no text where the statement makes no image or has errors."""
    from promptlang.lowering.lower import lower_statement
    from promptlang.plans.json import to_data

    statement = page.statement(index)
    plans = lower_statement(statement, page.context(index))
    if not plans:
        return ""
    return json.dumps([to_data(plan) for plan in plans], indent=2, ensure_ascii=False) + "\n"


def explanation_text(page: Page, text: str) -> str:
    """What `promptlang explain` says of the statement that ends a text, which holds all that it depends on."""
    from io import StringIO

    from promptlang.lowering.explaining import explain_file
    from promptlang.reports.explanation import show
    from promptlang.source import Source

    written = StringIO()
    explanations = explain_file(text, project=page.project)[-1:]
    show(explanations, Source(text), (), colour=False, width=WIDTH, stream=written)
    return "".join(f"{line.rstrip()}\n" for line in written.getvalue().splitlines())
