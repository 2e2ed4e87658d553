"""Whatever stands in a text and wherever the cursor is: no feature fails, and every edit does what its title says."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import after_wire, page, span_of
from prompts import text

from promptlang.checks.checking import check
from promptlang.checks.suppress import unsuppressed
from promptlang.lowering.explaining import explain_file
from promptlang.lowering.lower import compile
from promptlang.source import Span
from promptlang.statements.format import format_text
from promptlang_lsp.features.changes import formatting
from promptlang_lsp.features.changes.code_actions import code_actions
from promptlang_lsp.features.changes.rewrites import same_words
from promptlang_lsp.features.completion import completion, signature
from promptlang_lsp.features.display import code_lens, inlay_hints, semantic_tokens
from promptlang_lsp.features.display.diagnostics import diagnostics
from promptlang_lsp.features.hover import hover
from promptlang_lsp.features.names import navigation, structure
from promptlang_lsp.features.names.declaration import declaration
from promptlang_lsp.protocol.client import Client
from promptlang_lsp.protocol.words import RequestError, finished
from promptlang_lsp.texts.page import Page
from tests.thorough import many

SEEDS = st.integers(0, 2**32)
ENCODINGS = ("utf-8", "utf-16", "utf-32")


def opened(source: Random, *, cut: bool = True) -> tuple[Page, Span]:
    """A page with a place in it: a cursor, or a selection."""
    client = Client(
        encoding=source.choice(ENCODINGS),  # type: ignore[arg-type]
        item_defaults=frozenset(["editRange"] if source.random() < 0.5 else []),
        replaces=source.random() < 0.5,
        snippets=source.random() < 0.5,
        links=source.random() < 0.5,
    )
    here, _ = page(text(source, cut=cut), client=client)
    length = len(here.snapshot)
    start = source.randint(0, length)
    end = min(length, start + source.randint(1, 40)) if source.random() < 0.4 else start
    places = [_outside_line_end(here.snapshot.text, at) for at in (start, end)]
    return here, Span(min(places), max(places))


def _outside_line_end(text: str, at: int) -> int:
    return at + 1 if text[at - 1 : at + 1] == "\r\n" and at else at


def ranges_of(answer: object) -> Iterator[dict[str, dict[str, int]]]:
    """Every range in an answer."""
    if isinstance(answer, dict):
        if set(answer) == {"start", "end"}:
            yield answer
        else:
            for value in answer.values():
                yield from ranges_of(value)
    elif isinstance(answer, list | tuple):
        for value in answer:
            yield from ranges_of(value)


def answers(here: Page, span: Span) -> Iterator[tuple[str, Callable[[], object]]]:
    """Every feature asked about a place."""
    at, index = span.start, here.snapshot.index_at(span.start)
    last = len(here.snapshot.pieces)
    yield "completion", lambda: completion.completion(here, at)
    yield "hover", lambda: hover.hover(here, at)
    yield "signature", lambda: signature.signature_help(here, at)
    yield "definition", lambda: navigation.definition(here, at)
    yield "declaration", lambda: declaration(here, at)
    yield "references", lambda: navigation.references([here], here, at, declaration=True)
    yield "highlights", lambda: navigation.highlights(here, at)
    yield "linked ranges", lambda: navigation.linked_ranges(here, at)
    yield "links", lambda: list(navigation.document_links(here, index))
    yield "symbols", lambda: list(structure.symbols(here, index))
    yield "folds", lambda: list(structure.folds(here, index))
    yield "selection", lambda: structure.selection(here, at)
    yield "hints", lambda: list(inlay_hints.inlay_hints(here, index))
    yield "lenses", lambda: list(code_lens.code_lenses(here, index))
    yield "tokens", lambda: finished(semantic_tokens.encoding(here, 0, last)).tolist()
    yield "formatting", lambda: formatting.formatted(here, None)
    yield "on type", lambda: formatting.on_type(here, at)
    yield "diagnostics", lambda: finished(diagnostics(here)).items  # type: ignore[attr-defined]
    yield "actions", lambda: finished(code_actions(here, span, (), lambda path: None))
    yield "fix all", lambda: finished(code_actions(here, span, ("source",), lambda path: None))


@settings(max_examples=many(80))
@given(SEEDS)
def test_every_feature_answers_with_places_of_the_text(seed: int) -> None:
    here, span = opened(Random(seed))
    for name, ask in answers(here, span):
        answer = ask()
        for place in ranges_of(answer):
            try:
                span_of(here, place)
            except AssertionError as failure:
                raise AssertionError(f"{name}: {failure}\n{here.snapshot.text!r}") from None


@pytest.mark.parametrize("sweep", ["/seed:1..99999999", "/seed:1..999999999|5", "/guidance:1..9..0.0000001"])
def test_a_huge_sweep_is_counted_and_never_written_out(sweep: str) -> None:
    here, span = page(f"/set /clipskip:1..4\n/compare /parser:new {sweep} a ‸(cow:1.2)")
    tracemalloc.start()
    for _, ask in answers(here, span):
        ask()
    explain_file(here.snapshot.text)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 32 * 1024**2


@settings(max_examples=many(40))
@given(SEEDS)
def test_completions_apply(seed: int) -> None:
    here, span = opened(Random(seed))
    here = replace(here, client=Client(encoding=here.client.encoding))
    for item in completion.completion(here, span.start)["items"][:5]:  # type: ignore[index]
        new = after_wire(here, [item["textEdit"]])
        assert item["textEdit"]["newText"] in new
    assert len({item["sortText"] for item in completion.completion(here, span.start)["items"]}) == len(  # type: ignore[union-attr]
        completion.completion(here, span.start)["items"]  # type: ignore[arg-type]
    )


@settings(max_examples=many(60))
@given(SEEDS)
def test_the_editor_shows_what_check_says(seed: int) -> None:
    source = text(Random(seed))
    here, _ = page(source)
    if not here.snapshot.is_read:
        return
    items = finished(diagnostics(here)).items  # type: ignore[attr-defined]
    shown = Counter((item["code"], item["range"]["start"]["line"]) for item in items)
    found = unsuppressed(source, check(source, project=here.project), project=here.project)
    said = Counter((each.rule.name, here.snapshot.position(each.label.span.start)[0]) for each in found)
    assert shown == said, source


@settings(max_examples=many(60))
@given(SEEDS)
def test_formatting_is_that_of_the_formatter(seed: int) -> None:
    source = text(Random(seed), cut=False)
    here, _ = page(source)
    assert after_wire(here, formatting.formatted(here, None)) == format_text(source)


# --- code actions -----------------------------------------------------------------------------------------------------


def actions(here: Page, span: Span) -> Iterator[tuple[str, dict[str, object], str]]:
    """Title, action and the text that it makes, for every action that edits the text."""
    for action in finished(code_actions(here, span, (), lambda path: None)):
        edits = action["edit"]["changes"]  # type: ignore[index]
        yield str(action["title"]), action, after_wire(here, edits[here.snapshot.uri])


def shown(here: Page) -> list[dict[str, object]]:
    """The diagnostics of a page."""
    return finished(diagnostics(here)).items  # type: ignore[attr-defined, return-value]


@settings(max_examples=many(60))
@given(SEEDS)
def test_fixes_remove_what_they_are_for(seed: int) -> None:
    random = Random(seed)
    here, span = opened(random)
    before = shown(here)
    for title, action, new in actions(here, Span(0, len(here.snapshot)) if random.random() < 0.5 else span):
        if action["kind"] != "quickfix":
            continue
        (fixed,) = action["diagnostics"]  # type: ignore[misc]
        assert fixed in before, title
        after = shown(page(new, project=here.project, client=here.client)[0])
        others = Counter(str(each["message"]) for each in after)[str(fixed["message"])]
        less = others < Counter(str(each["message"]) for each in before)[str(fixed["message"])]
        # the bracket behind one that is closed now may be the next that is not
        same = [each for each in after if each["code"] == fixed["code"]]
        elsewhere = all(each["range"]["start"] != fixed["range"]["start"] for each in same)  # type: ignore[index]
        assert less or elsewhere, f"{title}\n{here.snapshot.text!r}\n{new!r}"


@settings(max_examples=many(60))
@given(SEEDS)
def test_rewrites_keep_what_they_claim(seed: int) -> None:
    here, span = opened(Random(seed), cut=False)
    before = compile(here.snapshot.text, project=here.project).plans
    for title, _, new in actions(here, span):
        after = compile(new, project=here.project).plans
        if title.startswith(("Extract", "Inline")) or (title.startswith("Convert") and not title.endswith(")")):
            mended = len(after) > len(before)  # a dialect that was misspelled is not any more
            assert mended or same_words(before, after), f"{title}\n{here.snapshot.text!r}\n{new!r}"
        elif title.startswith("Compare"):
            compared = [plan for plan in after if plan.axes and plan.axes not in [each.axes for each in before]]
            assert after, f"{title}\n{here.snapshot.text!r}\n{new!r}"
            assert len(after) > len(before), compared


@settings(max_examples=many(60))
@given(SEEDS)
def test_what_is_extracted_can_be_inlined_again(seed: int) -> None:
    here, span = opened(Random(seed), cut=False)
    before = compile(here.snapshot.text, project=here.project).plans
    for title, _, new in actions(here, span):
        if title != "Extract to a recipe":
            continue
        at = new.rindex("#recipe1")
        other, _ = page(new, project=here.project)
        back = {title: text for title, _, text in actions(other, Span(at + 2, at + 2))}
        assert "Inline `#recipe1`" in back, f"{here.snapshot.text!r}\n{new!r}"
        assert same_words(before, compile(back["Inline `#recipe1`"], project=here.project).plans)


@settings(max_examples=many(60))
@given(SEEDS)
def test_weights_touch_nothing_but_weights(seed: int) -> None:
    here, span = opened(Random(seed), cut=False)
    for title, _, new in actions(here, span):
        if title in ("Increase weight", "Decrease weight", "Wrap in a weight"):
            other, _ = page(new, project=here.project)
            assert _words(other) == _words(here), f"{title} {span}\n{here.snapshot.text!r}\n{new!r}"


def _words(here: Page) -> list[list[str]]:
    """The words of each statement without the signs of weights, and its options."""
    found: list[list[str]] = []
    for index in range(len(here.snapshot.pieces)):
        meaning = here.meaning(index)
        runs = (*meaning.sides.positive, *meaning.sides.negative)
        words = "".join("".join(run.text.split()) for run in runs)
        found.append([words, *sorted(f"/{name}:{each.written}" for name, each in meaning.settings.items())])
    return found


@settings(max_examples=many(40))
@given(SEEDS, st.sampled_from(["quick", "neon", "a b", "x"]))
def test_renaming_applies_or_says_why_not(seed: int, name: str) -> None:
    here, span = opened(Random(seed))
    try:
        answer = navigation.rename([here], here, span.start, name)
    except RequestError:
        return
    if answer is not None:
        after_wire(here, answer["changes"].get(here.snapshot.uri, []))  # type: ignore[index, union-attr]


def test_the_corpus_is_there() -> None:
    from prompts import CORPUS, OWN, lines

    if not CORPUS.is_file():
        pytest.skip("the shared corpus is not beside the repository: only our own prompts were tried")
    assert len(lines()) > 1000 > len(OWN)
