"""The plans of one statement as text."""

from __future__ import annotations

import json

from promptlang_lsp.texts.page import Page


def plan_text(page: Page, index: int) -> str:
    """A JSON list; no text where the statement makes no image or has errors."""
    from promptlang.lowering.lower import lower_statement
    from promptlang.plans.json import to_data

    statement = page.statement(index)
    plans = lower_statement(statement, page.context(index))
    if not plans:
        return ""
    return json.dumps([to_data(plan) for plan in plans], indent=2, ensure_ascii=False) + "\n"
