"""What the house makes of the toy dialect once its row is in the table: answers as JSON, for the test to look at.

Nothing but the table is changed, and before anything else is imported.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from promptlang.tables import dialects

if TYPE_CHECKING:
    from promptlang.lowering.lower import Plan

TOY = dialects.DialectRow(
    name="toy",
    title="the toy",
    reader="tests.dialects.toy.dialect:DIALECT",
    rules="tests.dialects.toy.rules",
    docs="as a toy reads it",
    aliases=("plaything",),
    clues=(dialects.Clue(r"\[\w+=\d+(?:\.\d+)?\]", "weighs words as a toy does"),),
    breaks=True,
    group="[{words}={weight}]",
    network="net({name})",
    strength="={weight}",
    embedding="emb:{name}",
    keywords=("CUT",),
)
TEXT = "/render /parser:toy a [red cow=1.3] CUT net(cow=0.5) hat"


def plan_of(text: str) -> Plan:
    """The first plan of a text."""
    from promptlang import compile

    return compile(text).plans[0]


def compiled() -> dict[str, object]:
    """What the compiler says."""
    from promptlang import check, explain, explain_file, parse, verify
    from promptlang.checks.rules import RULES
    from promptlang.dialects.convert import convert
    from promptlang.dialects.detect import detect
    from promptlang.dialects.dialect import dialect
    from promptlang.exporters.infotext import prompts
    from promptlang.source import Passage
    from promptlang.statements.format import format_text

    plan, prompt = plan_of(TEXT), parse(TEXT).statements[0].prompt
    found = detect(Passage("a [cow=1.2] hat"))
    to = convert(dialect("a1111").parse(Passage("a (red \\[cow\\]:1.3) BREAK <lora:hat:0.5>[x:y:5]")), "toy")
    back = {name: convert(prompt, name) for name in dialects.DIALECTS if name != "toy"}
    return {
        "dialect": prompt.dialect,
        "written": dialect("toy").write(prompt.parts),
        "alias": parse("/render /parser:plaything a [cow=2]").statements[0].prompt.dialect,
        "heavy": [each.rule.name for each in check("/render /parser:toy a [cow=9]")],
        "rule": RULES["toy/heavy"].summary,
        "misspelled": [each.help for each in check("/render /parser:toi a cow")],
        "plan": [
            plan.dialect,
            plan.weighting,
            list(verify(plan)),
            [(each.name, each.weight) for each in plan.networks],
        ],
        "runs": [[run.text, run.weight, run.ends_chunk] for run in plan.positive.branches[0].segments[0].runs],
        "infotext": prompts(plan)[0],
        "explained": explain("a [red cow=1.3]", parser="toy").weights,
        "explained file": explain_file(TEXT)[0].parser,
        "formatted": format_text("/render   a [red cow=1.3]   /parser:plaything"),
        "detected": [found.dialect, found.written, found.says] if found else None,
        "hint": [each.message for each in check("/render a [cow=1.2] hat") if each.rule.name == "prompt/other-dialect"],
        "converted": [to.positive, [loss.message for loss in to.losses]],
        "back": {name: [each.positive, [loss.message for loss in each.losses]] for name, each in back.items()},
    }


def served() -> dict[str, object]:
    """What the server says."""
    from promptlang.meaning.project import Project
    from promptlang.source import Span
    from promptlang.tables.models.known import KnownConcept
    from promptlang_lsp.features.changes.code_actions import code_actions
    from promptlang_lsp.features.changes.weights import reweighted
    from promptlang_lsp.features.completion.completion import completion
    from promptlang_lsp.features.display.semantic_tokens import statement_tokens
    from promptlang_lsp.features.hover.hover import hover
    from promptlang_lsp.protocol.legend import REWRITE, TYPES
    from promptlang_lsp.protocol.words import finished
    from tests.lsp.pages import after, after_wire, page

    cow = KnownConcept(name="cow", kind="lora", family="sd1", evidence="its metadata")
    ink = KnownConcept(name="inkblot", kind="inversion", family="sd1", evidence="its metadata")
    project = Project(concepts=(cow, ink))

    def offered(text: str) -> list[list[object]]:
        here, span = page(text, project=project)
        items = completion(here, span.start)["items"]
        assert isinstance(items, list)
        found = [item for item in items if isinstance(item, dict)]
        return [[item["label"], _inserted(item)] for item in found]

    def acted(text: str, title: str) -> str:
        here, span = page(text, project=project)
        for action in finished(code_actions(here, span, (REWRITE,), lambda path: None)):
            if str(action["title"]).startswith(title):
                (edits,) = action["edit"]["changes"].values()  # type: ignore[index]
                return after_wire(here, edits)  # pyright: ignore[reportUnknownArgumentType]
        return "nothing"

    def stepped(text: str, steps: int) -> str:
        here, span = page(text, project=project)
        return after(here, reweighted(here, Span(span.start, span.end), steps))

    here, span = page(TEXT.replace("cow=1", "c‸ow=1"), project=project)
    shown = hover(here, span.start)
    whole, _ = page(TEXT, project=project)
    return {
        "hover": shown["contents"]["value"] if isinstance(shown, dict) else None,  # type: ignore[index, call-overload]
        "parsers": [label for label, _ in offered("/render /parser:‸")],
        "weights": offered("/render /parser:toy a [red cow=‸")[:2],
        "calls": offered("/render /parser:toy a net(co‸"),
        "strengths": offered("/render /parser:toy a net(cow=‸")[:2],
        "embeddings": offered("/render /parser:toy a emb:ink‸"),
        "bare embedding": [each for each in offered("/render /parser:toy a ink‸") if each[0] == "inkblot"],
        "colours": [[TEXT[start:end], TYPES[kind]] for start, end, kind, _ in statement_tokens(whole, 0)],
        "wrapped": acted("/render /parser:toy a ‸red cow‸ hat", "Wrap"),
        "up": stepped("/render /parser:toy a [red ‸cow=1.3] hat", 1),
        "call up": stepped("/render /parser:toy a net(c‸ow) hat", -1),
        "to the toy": acted("/render /parser:new a (red c‸ow:1.3) hat", "Convert to `/parser:toy`"),
        "from the toy": acted("/render /parser:toy a [red c‸ow=1.3] hat", "Convert to `/parser:compel`"),
    }


def _inserted(item: Mapping[str, object]) -> object:
    edit = item.get("textEdit")
    return edit["newText"] if isinstance(edit, dict) else item.get("insertText", item["label"])  # type: ignore[index]


def planned() -> list[tuple[str, list[tuple[str, float, bool]]]]:
    """What a renderer is asked to encode of a text, of the same in a dialect that weighs in the same way, and of one
    without weights: the way to weigh, and the runs.
    """
    texts = ("toy a [red cow=1.3]", "comfy a (red cow:1.3)", "toy a red cow")
    plans = [plan_of(f"/render /parser:{text}") for text in texts]
    runs = [plan.positive.branches[0].segments[0].runs for plan in plans]
    return [
        (plan.weighting, [(run.text, run.weight, run.ends_chunk) for run in each])
        for plan, each in zip(plans, runs, strict=True)
    ]


def main() -> None:
    """Print the answers that are asked for."""
    assert "promptlang.tables.options.table" not in sys.modules, "a table was built before the row stood in it"
    dialects.DIALECTS = MappingProxyType({**dialects.DIALECTS, TOY.name: TOY})
    answers = {"compiled": compiled, "served": served, "planned": planned}
    json.dump(answers[sys.argv[1]](), sys.stdout)


if __name__ == "__main__":
    main()
