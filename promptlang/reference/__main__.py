"""`python -m promptlang.reference` in the repository root: writes everything that follows from the tables."""

from __future__ import annotations

import json
from pathlib import Path

from promptlang.plans.json import schema
from promptlang.reference import editor_words, pages
from promptlang.reference.man_page import man_page
from promptlang.reference.project_schema import project_schema
from promptlang.syntax.grammar import write_machines

write_machines()
pages.write(Path("docs"))
Path("docs/promptlang.1").write_text(man_page(), encoding="utf-8")
for name, of in (("plan.schema.json", schema), ("promptlang.schema.json", project_schema)):
    Path("docs", name).write_text(json.dumps(of(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
editor_words.write(Path())
