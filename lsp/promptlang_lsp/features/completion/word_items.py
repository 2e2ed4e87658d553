"""Completion of words: trigger words of the concepts in use, embeddings, and word lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from math import log2

from promptlang.meaning.spread import has_variants
from promptlang.source import Span
from promptlang.statements.wording import worded
from promptlang.tables.dialects import dialect_row
from promptlang_lsp.features.completion.cursor import Cursor, opener
from promptlang_lsp.features.completion.name_items import inversions
from promptlang_lsp.features.completion.offers import (
    CLASS,
    COLOUR,
    CONSTANT,
    EVENT,
    FIELD,
    REFERENCE,
    STRUCT,
    WORD,
    Item,
    fit,
)
from promptlang_lsp.protocol.words import Json
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.word_lists import (
    NEGATIVE,
    VERBATIM,
    Match,
    category_name,
    listed,
    own_words,
    phrases,
    words,
)

MOST_WORDS_TRIED = 6
MOST_WORDS_OF_A_NAME = 12  # with brackets in it
ENOUGH = 12  # words for the whole phrase that make a look at its last words unnecessary
FEWEST_LETTERS = 4  # that name more than one word by its beginning
MOST_JUMPS = 2  # words whose beginnings are typed without what follows, as in `detco`
MOST_GAPS = 2  # letters left out inside a word, as in `swrd`
PATIENCE = 0.1  # seconds for lists that are being read: longer ones come with a later letter
LONGEST = 20_000  # code points of a statement whose words are looked through
OFTEN = 2.0  # what each doubling of own use counts for, against 0 to 7 for popularity
_ICONS = {
    "artist": COLOUR, "style": COLOUR, "colour": COLOUR, "character": CLASS, "copyright": STRUCT,
    "meta": CONSTANT, "quality": CONSTANT, VERBATIM: CONSTANT,
}  # fmt: skip
_BLANKS = " \t\r\n\ufeff"
_ESCAPED = re.compile(r"\\(\W)")
_LETTERS = re.compile(r"[^\W_]{2}")
_NEGATIVE = re.compile(r"(?<!\S)/negative(?!\S)")
_STARTS = re.compile(r"(?:^|[_\-(/.: ])(?=.)")
_WORD = re.compile(r"(?<!\S)\S|(?<=\S:)[^\W\d_]")
"""Where a word begins: behind a blank, and behind the colon of a schedule or a weight (`[red:blue`, `1.5::blue`)."""


def last_words(here: Cursor) -> Cursor:
    """The cursor with as many of the words before it as may begin what is written; all offers replace these."""
    begin = _starts(here.typed)[0]
    return Cursor(here.kind, here.typed[begin:], Span(here.span.start + begin, here.span.end), "more" * (begin > 0))


def word_items(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    """Words that go on from what is typed: the whole phrase first, then its last words."""
    taken: set[str] = set()
    for item in (*_triggers(page, index, here), *_inversions(page, index, here), *_listed(page, index, here)):
        if item["label"] not in taken:
            taken.add(str(item["label"]))
            yield item


def names_with_brackets(page: Page, index: int, wide: Cursor, inner: Cursor) -> tuple[Cursor, list[Item]]:
    """Words of the lists that begin like what is typed with a bracket in it, as `fate (s` does, before what `inner`
    offers; and the cursor that says what all of them replace. No words leave `inner` as it is.
    """
    for begin in _starts(wide.typed, MOST_WORDS_OF_A_NAME):
        at = wide.span.start + begin
        if at >= inner.span.start:
            break
        typed = wide.typed[begin:]
        spelled, query = _wording(page, index, wide, begin), _query(typed)
        names = [each for each in _matches(page, query, is_all=False, is_last=False) if each.found.startswith(query)]
        shown = [(match, _shown(match, typed, page.configuration.completion.spaces)) for match in names]
        items = [_word(match, name, text, "") for match, name in shown if (text := spelled(name)) is not None]
        if items:
            return Cursor("words", typed, Span(at, wide.span.end)), items
    return inner, []


def moved(item: Item, before: str, after: str) -> Item:
    """The item as one that replaces what stands around it as well."""
    text = str(item.get("insertText", item["label"]))
    if item.get("insertTextFormat"):  # where some signs are those of a snippet
        before, after = (re.sub(r"[\\$}]", r"\\\g<0>", each) for each in (before, after))
    filtered = f"{before}{item.get('filterText', item['label'])}"
    return item | {"insertText": f"{before}{text}{after}", "filterText": filtered}


def _triggers(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    """Trigger words of the concepts that the statement calls."""
    known = [each.known for each in page.meaning(index).called if each.known]
    triggers = [(each.name, word.strip()) for each in known for phrase in each.triggers for word in phrase.split(",")]
    for name, word in triggers:
        begin = next((at for at in _starts(here.typed) if _goes_on(here.typed[at:].strip(), word)), None)
        if begin is None or (text := _wording(page, index, here, begin)(word)) is None:
            continue
        yield {"label": word, "kind": EVENT, "insertText": here.typed[:begin] + text,
               "filterText": here.typed[:begin] + word,
               "labelDetails": {"description": f"trigger of <{name}>"}}  # fmt: skip


def _goes_on(typed: str, word: str) -> bool:
    """Whether a word may be what was begun, and is more than that."""
    return bool(word) and typed.lower() != word.lower() and fit(typed, word) <= WORD


def _inversions(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    """Textual inversions by their bare name, written as the dialect calls them."""
    begin = _last_word(here.typed)
    typed = here.typed[begin:]
    call = dialect_row(page.statement(index).prompt.dialect).embedding
    for known in inversions(page, typed.lower()):
        yield {"label": known.name, "kind": REFERENCE, "labelDetails": {"description": f"inversion, {known.family}"},
               "insertText": here.typed[:begin] + call.format(name=known.name),
               "filterText": here.typed[:begin] + known.name,
               "data": ["concept", known.name, page.snapshot.uri]}  # fmt: skip


# --- word lists -------------------------------------------------------------------------------------------------------


def _listed(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    """Words of the lists; those that the statement has already come last."""
    spaces = page.configuration.completion.spaces
    present = _present(page, index, here)
    last = _last_word(here.typed)
    is_negative = _is_negative(page, index, here)
    later: list[Item] = []
    count = 0
    for begin, query in _queries(here.typed):
        if count >= ENOUGH:
            break
        spelled = _wording(page, index, here, begin)
        matches = _matches(page, query, is_all=begin == 0 and not here.owner, is_last=begin == last)
        for match in _on_side(matches, is_negative):
            shown = _shown(match, here.typed[begin:], spaces)
            if (text := spelled(shown)) is None:
                continue
            item = _word(match, shown, text, here.typed[:begin])
            count += 1
            if match.word in present:
                later.append(item)
            else:
                yield item
    yield from later


def _is_negative(page: Page, index: int, here: Cursor) -> bool:
    """Whether the words belong to the negative prompt, in a text that may be unfinished."""
    text, row = page.snapshot.pieces[index].text, dialect_row(page.statement(index).prompt.dialect)
    at = here.span.start
    return bool(_NEGATIVE.search(text, 0, at)) or (row.negatives and opener(text, at, row.name) == "[")


def _on_side(matches: list[Match], is_negative: bool) -> list[Match]:
    """Words for what no picture should have first in a negative prompt, and only there."""
    unwanted = [match for match in matches if match.category == NEGATIVE]
    others = [match for match in matches if match.category != NEGATIVE]
    return [*unwanted, *others] if is_negative else others


def _wording(page: Page, index: int, here: Cursor, begin: int) -> Callable[[str], str | None]:
    """How the dialect says words from `begin` of what is typed on; None for what it cannot say."""
    parser, text = page.statement(index).prompt.dialect, page.snapshot.pieces[index].text
    at = here.span.start + begin
    return partial(
        worded,
        parser=parser,
        inside=opener(text, at, parser),
        glued=bool(text[:at][-1:].strip(_BLANKS)),
        variants=has_variants(page.meaning(index)),
    )


def _matches(page: Page, query: str, *, is_all: bool, is_last: bool) -> list[Match]:
    """What the project's word lists and the small one that comes along have for a query, the best first.

    The small list has the words that prompts are full of and tag lists lack, such as `masterpiece`.
    """
    limit = page.configuration.completion.limit
    listed, own = words(page.word_files, PATIENCE), own_words()
    found = listed.search(query, limit, fuzzy=is_last)
    if own is not listed:
        names = {match.word for match in found}
        more = (match for match in own.search(query, limit, fuzzy=False) if match.word not in names)
        found = sorted((*found, *more), key=lambda match: -match.score)
    if page.used:
        found = _used_first(page, query, found)
    return [match for match in found if _is_sensible(query, match, is_all=is_all, is_last=is_last)]


def _used_first(page: Page, query: str, found: list[Match]) -> list[Match]:
    """The matches with what this person writes often further up, however rarely others do."""
    names = {match.word for match in found}
    rare = (name for name in page.used if name.startswith(query) and name not in names)
    more = [match for name in rare if (match := listed(page.word_files, name, PATIENCE))]
    return sorted((*found, *more), key=lambda match: -match.score - OFTEN * log2(1 + page.used.get(match.word, 0)))


def _present(page: Page, index: int, here: Cursor) -> set[str]:
    """The phrases of a statement but for the one that is being written, as word lists write them."""
    read = page.snapshot.pieces[index].scan
    if len(read.positive.text) > LONGEST:
        return set()
    present = phrases(read.positive.text)
    written = "_".join(page.snapshot.pieces[index].text[here.span.start : here.span.end].lower().split())
    if written in present:
        present.remove(written)
    return set(present)


def _queries(typed: str) -> Iterator[tuple[int, str]]:
    """The phrase and its endings of fewer words, as word lists write them, with where each begins."""
    for at in _starts(typed):
        yield at, _query(typed[at:])


def _query(typed: str) -> str:
    return "_".join(_ESCAPED.sub(r"\1", typed.lower()).split()) + ("_" if typed[-1].isspace() else "")


def _starts(typed: str, most: int = MOST_WORDS_TRIED) -> list[int]:
    """Where the last words begin, the first of them first."""
    return [found.start() for found in _WORD.finditer(typed)][-most:]


def _last_word(typed: str) -> int:
    """Where the word begins that is being written; behind a blank it is still to come."""
    return len(typed) if not typed or typed[-1].isspace() else _starts(typed, 1)[0]


def _is_sensible(query: str, match: Match, *, is_all: bool, is_last: bool) -> bool:
    """Whether a person would see why the word is offered.

    Several words must begin a word (`a re` is not meant for `magia record`), or the name where more stands before them.
    Letters in order are the beginnings of words (`detco` for `detailed coat`) or leave out next to nothing (`swrd` for
    `sword`).
    """
    name = match.found
    at = name.find(query)
    if at >= 0:
        return is_last or at == 0 or (is_all and not name[at - 1].isalnum())
    starts = [found.end() for found in _STARTS.finditer(name)]
    return any(_spelled(query, name, starts[place:]) for place, start in enumerate(starts) if name[start] == query[0])


def _spelled(query: str, name: str, starts: list[int]) -> bool:
    """Whether the letters are the beginnings of words from the first start on, or stand close together there."""
    most = MOST_JUMPS if len(query) >= FEWEST_LETTERS else 0
    reached = {(starts[0], 0)}  # places where the letters so far may end, and how many words were left behind
    for letter in query:
        onward = {(at, jumps + 1) for place, jumps in reached if jumps < most for at in starts if at > place}
        reached = {(at + 1, jumps) for at, jumps in reached | onward if name[at : at + 1] == letter}
        if not reached:
            break
    if reached:
        return True
    tight = _close_together(query).match(name, starts[0])
    return tight is not None and tight.end() - tight.start() - len(query) <= MOST_GAPS


@lru_cache(maxsize=64)
def _close_together(query: str) -> re.Pattern[str]:
    return re.compile(".{0,1}?".join(map(re.escape, query)))


def _shown(match: Match, typed: str, spaces: bool) -> str:
    """The word as people write it: with blanks, unless they type underscores."""
    return _spaced(match.word) if spaces and "_" not in typed and match.category != VERBATIM else match.word


def _spaced(word: str) -> str:
    return word.replace("_", " ") if _LETTERS.search(word) else word  # faces such as `<o>_<o>` stay


def _word(match: Match, shown: str, text: str, before: str) -> Item:
    """A word behind the typed words that stay.

    Both spellings and the alias that matched are in the filter, so that typing on narrows the list.
    """
    details: dict[str, Json] = {"description": _popularity(match)}
    if match.found != match.word:
        details["detail"] = f" ← {match.found}"
    names = dict.fromkeys((shown, match.word, _spaced(match.word), match.found))
    return {
        "label": shown,
        "kind": _ICONS.get(category_name(match.category), FIELD),
        "labelDetails": details,
        "insertText": before + text,
        "filterText": before + " ".join(names),
    }


def _popularity(match: Match) -> str:
    """Category and count, such as `character 1.2M`."""
    count = match.count
    short = f"{count / 1e6:.1f}M" if count >= 1_000_000 else f"{count / 1e3:.0f}k" if count >= 10_000 else str(count)
    return f"{category_name(match.category)} {short if count else ''}".strip()
