"""Comments that silence rules, and what is said about those that do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptlang.checks.review import review
from promptlang.checks.suppress import COMMENT, _comments, unsuppressed
from promptlang.diagnostics import Diagnostic, Severity
from promptlang.fixes import applied, fixed
from promptlang.meaning.project import FileIgnores, Project
from tests.thorough import many

ZERO = "/render /guidance:0 a cow\n"


def said(text: str, **more: Project) -> list[tuple[str, str]]:
    """Rule and the text it points at."""
    return [(each.rule.name, pointed(text, each)) for each in review(text, **more)]


def pointed(text: str, diagnostic: Diagnostic) -> str:
    return text[diagnostic.label.span.start : diagnostic.label.span.end]


def mended(text: str) -> str:
    return fixed(text, review).text


@pytest.mark.parametrize("name", ["guidance/zero", "guidance/*", "guidance", "*", " guidance/zero , size/uneven "])
def test_a_comment_silences_the_next_line(name: str) -> None:
    assert ("guidance/zero", "0") not in said(f"# promptlang: ignore[{name}]\n{ZERO}")
    assert ("guidance/zero", "0") in said(ZERO)


def test_blank_lines_and_comments_do_not_count() -> None:
    text = f"  # promptlang: ignore[guidance/zero]\n\n# why: it is a joke\n#\n{ZERO}"
    assert said(text) == []


def test_only_the_next_line_is_silent() -> None:
    text = f"# promptlang: ignore[guidance/zero]\n{ZERO}{ZERO}"
    (diagnostic,) = review(text)
    assert diagnostic.label.span.start > len(text) - len(ZERO)


def test_the_line_of_the_finding_counts_not_the_line_of_the_statement() -> None:
    inside = "/render a cow\n# promptlang: ignore[guidance/zero]\n/guidance:0\n"
    assert said(inside) == []
    above = "# promptlang: ignore[guidance/zero]\n/render a cow\n/guidance:0\n"
    assert [rule for rule, _ in said(above)] == ["suppression/unused", "guidance/zero"]


@pytest.mark.parametrize(
    "text",
    [f"{ZERO}{ZERO}# promptlang: ignore-file[guidance/*]\n", f"# promptlang: ignore-file[guidance/zero]\n{ZERO}"],
)
def test_a_whole_file(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_every_line_end(ends: str) -> None:
    text = f"/render a cow\n# promptlang: ignore[guidance/zero]\n{ZERO}".replace("\n", ends)
    assert said(text) == []
    unused = "# promptlang: ignore[guidance/zero]\n/render a cow\n".replace("\n", ends)
    assert mended(unused) == f"/render a cow{ends}"


def test_an_unused_comment_is_removed() -> None:
    text = "/render a cow\n  # promptlang: ignore[guidance/zero]  \n/render a dog\n"
    assert said(text) == [("suppression/unused", "# promptlang: ignore[guidance/zero]")]
    assert review(text)[0].message == "nothing to silence on the next line for `guidance/zero`"
    assert mended(text) == "/render a cow\n/render a dog\n"


def test_an_unused_comment_at_the_end_is_removed() -> None:
    assert mended("/render a cow\n# promptlang: ignore[guidance/zero]") == "/render a cow\n"


def test_an_unused_name_is_taken_out_of_the_list() -> None:
    text = f"# promptlang: ignore[clipskip/high,guidance/zero, size/*]\n{ZERO}"
    (diagnostic,) = review(text)
    assert pointed(text, diagnostic) == "clipskip/high"
    assert [text[each.span.start : each.span.end] for each in diagnostic.related] == ["size/*"]
    assert applied(text, diagnostic.fixes[0].edits) == f"# promptlang: ignore[guidance/zero]\n{ZERO}"


def test_the_same_name_twice_is_needed_once() -> None:
    assert [rule for rule, _ in said(f"# promptlang: ignore[guidance/zero, guidance/zero]\n{ZERO}")] == [
        "suppression/unused"
    ]


def test_an_unknown_name() -> None:
    text = f"# promptlang: ignore[guidance/zeor]\n{ZERO}"
    assert said(text) == [("suppression/unknown-rule", "guidance/zeor"), ("guidance/zero", "0")]
    assert mended(text) == f"# promptlang: ignore[guidance/zero]\n{ZERO}"


@pytest.mark.parametrize("rest", ["", "[]", "[ , ]", " all", ":"])
def test_silence_without_a_name_is_not_granted(rest: str) -> None:
    rules = [rule for rule, _ in said(f"# promptlang: ignore{rest}\n{ZERO}")]
    assert rules == ["suppression/nameless", "guidance/zero"]


@pytest.mark.parametrize(
    "line",
    [
        "#promptlang: ignore[guidance/zero]",
        "a # promptlang: ignore[guidance/zero]",
        "# promptlang: ignored[guidance/zero]",
        "# promptlang: format off",
    ],
)
def test_what_only_looks_like_it(line: str) -> None:
    found = [rule for rule, _ in said(f"{line}\n{ZERO}")]
    assert "guidance/zero" in found
    assert not any(rule.startswith("suppression/") for rule in found)


def test_a_missing_bracket_is_read_as_meant() -> None:
    assert said(f"# promptlang: ignore[guidance/zero\n{ZERO}") == []


def test_a_rule_that_is_off_leaves_its_comments_alone() -> None:
    project = Project(severities={"guidance/zero": None})
    assert said(f"# promptlang: ignore[guidance/zero]\n{ZERO}", project=project) == []


def test_complaints_about_comments_can_be_silenced() -> None:
    assert (
        said("# promptlang: ignore-file[suppression/unused]\n# promptlang: ignore[guidance/zero]\n/render a cow\n")
        == []
    )


def test_the_project_sets_the_severity_of_complaints() -> None:
    text = "# promptlang: ignore[guidance/zero]\n/render a cow\n"
    (diagnostic,) = review(text, project=Project(severities={"suppression/*": Severity.ERROR}))
    assert diagnostic.severity is Severity.ERROR
    assert said(text, project=Project(severities={"suppression/unused": None})) == []


def test_a_text_without_comments_is_passed_on() -> None:
    diagnostics = review(ZERO)
    assert unsuppressed(ZERO, diagnostics) is diagnostics


def test_many_comments_take_linear_time() -> None:
    text = f"# promptlang: ignore[guidance/zero]\n{ZERO}" * 3000
    assert unsuppressed(text, []) != ()
    moved = [review(ZERO)[0].moved(number * (len(text) // 3000)) for number in range(3000)]
    shifted = [each.moved(len("# promptlang: ignore[guidance/zero]\n")) for each in moved]
    assert unsuppressed(text, shifted) == ()


def test_per_file_ignores(tmp_path: Path) -> None:
    project = Project(
        root=tmp_path, ignores=(FileIgnores("sketches/*", ("guidance/*",)), FileIgnores("x.prompt", ("*",)))
    )
    (other,) = review(ZERO, project=project, path=tmp_path / "cow.prompt")
    assert other.rule.name == "guidance/zero"
    assert review(ZERO, project=project, path=tmp_path / "sketches" / "deep" / "cow.prompt") == ()
    assert review(ZERO, project=project, path=tmp_path / "anywhere" / "x.prompt") == ()
    assert review(ZERO, project=replace(project, root=None), path=Path("x.prompt")) == ()


@settings(max_examples=many(300))
@given(
    st.lists(
        st.sampled_from(("# promptlang: ignore[x]", "#", " ", "promptlang:", "ignore", "\n", "\r", "a", "\t")),
        max_size=12,
    ).map("".join)
)
def test_comments_are_found_by_their_word(text: str) -> None:
    assert [match.span() for match in _comments(text)] == [match.span() for match in COMMENT.finditer(text)]
