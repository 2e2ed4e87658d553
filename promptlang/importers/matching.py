"""Models as other programs call them, by name and hash, matched with those that the project knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from promptlang.dialects.dialect import dialect
from promptlang.importers.imported import Imported
from promptlang.models.names import SLASHES, stem
from promptlang.sentences import counted
from promptlang.source import Passage
from promptlang.syntax.nodes import Concept, walk
from promptlang.tables.options.table import VAE
from promptlang.values import dataclass, replace

if TYPE_CHECKING:
    from promptlang.models.hashes.search import Answer, Search, Sort

Named = Callable[[str], str | None]
"""The project's own name for a model, by a name that may call it."""

_HASH = re.compile(r"\s*\[([0-9a-f]{6,64})\]\s*\Z")
_PARTING = re.compile("[:,]")  # which webui takes out of the names of LoRAs in its list of hashes
_ENDS_A_CALL = frozenset("<>:,()")


@dataclass(frozen=True, slots=True)
class _Match:
    """The project's name of a file, None where it has none such, and a remark about it; empty where there is none."""

    name: str | None
    remark: str = ""


def matched(found: Imported, named: Named | None, search: Search | None = None) -> tuple[Imported, tuple[str, ...]]:
    """The same with the project's names, and a remark for each model that it does not know.

    With a `search` the hashes of the files are compared as well: the file that has the one that is written is meant.
    """
    written = _HASH.search(found.model)
    bare, sum = _HASH.sub("", found.model), found.model_hash or (written[1] if written else "")
    hashes = dict(found.network_hashes)
    model = _match(bare, sum, "model", named, search)
    networks = [(each, _match(each.name, _of(hashes, each.name), "LoRA", named, search)) for each in found.networks]
    vae = next((entry.value for name, entry in found.options if name == VAE.name), "")
    decoder = _match(vae, found.vae_hash, "VAE", named, search)
    positive, said = _in_words(found, hashes, named, search) if search and hashes else (found.positive, ())
    changed = replace(
        found,
        positive=positive,
        model=model.name or stem(bare),
        networks=tuple(replace(each, name=match.name or stem(each.name)) for each, match in networks),
        options=tuple(
            (name, replace(entry, value=decoder.name or stem(entry.value)) if name == VAE.name else entry)
            for name, entry in found.options
        ),
    )
    remarks = (model.remark, *(match.remark for _, match in networks), *said, decoder.remark)
    return changed, tuple(filter(None, remarks))


def _match(name: str, sum: str, sort: Sort, named: Named | None, search: Search | None) -> _Match:
    """The file that is called so and has that hash, or else one that has it, or else one that is called so."""
    if not name or named is None:
        return _Match(None)
    known = _known(name, named)
    answer = search.asked(sum, sort, known) if search and sum else None
    if answer and answer.name and answer.name != known:
        return _Match(answer.name, f"{sort} `{stem(name)}` is `{answer.name}` here, by its hash {sum}")
    if known is None:
        is_said = sort != "VAE"  # whose option takes files as well, and is checked
        return _Match(None, _unknown(stem(name), sum, sort, answer) if is_said or answer else "")
    if answer and answer.other:
        has = f"{sort} `{known}` has the hash {answer.other} here, and {sum} where the picture was drawn"
        return _Match(known, f"{has}: it may look different" + _unread(answer))
    return _Match(known, f"{sort} `{known}` is taken by its name" + _unread(answer) if answer and answer.unread else "")


def _unknown(name: str, sum: str, sort: Sort, answer: Answer | None) -> str:
    if answer is None or answer.unread:
        return f"no {sort} called `{name}`" + (f" (hash {sum})" if sum else "") + " is known here" + _unread(answer)
    return f"no {sort} called `{name}` is known here, and none with its hash {sum}"


def _unread(answer: Answer | None) -> str:
    if answer is None or not answer.unread:
        return ""
    return f"; {counted(answer.unread, 'file')} had to be read to compare the hash, which `--hashes` does"


def _in_words(
    found: Imported, hashes: dict[str, str], named: Named | None, search: Search
) -> tuple[str, tuple[str, ...]]:
    """The words with the LoRAs that they call by the project's names, as far as hashes tell, and remarks."""
    text, remarks = found.positive, list[str]()
    calls = [each for each in walk(dialect(found.dialect).parse(Passage(text)).parts) if isinstance(each, Concept)]
    for each in sorted(calls, key=lambda call: -call.name_span.start):
        sum = _of(hashes, each.name)
        match = _match(each.name, sum, "LoRA", named, search) if sum else _Match(None)
        if match.remark:
            remarks.insert(0, match.remark)
        if match.name and _known(each.name, named) != match.name and not _ENDS_A_CALL.intersection(match.name):
            text = f"{text[: each.name_span.start]}{match.name}{text[each.name_span.end :]}"
    return text, tuple(remarks)


def _of(hashes: dict[str, str], name: str) -> str:
    return hashes.get(name) or hashes.get(stem(name)) or hashes.get(_PARTING.sub("", name), "")


def _known(name: str, named: Named | None) -> str | None:
    if not name or named is None:
        return None
    return next((known for each in _spellings(name) if (known := named(each))), None)


def _spellings(name: str) -> Iterator[str]:
    """The name itself, without its ending, and both without its folders."""
    yield name
    yield stem(name)
    *_, last = SLASHES.split(name)
    yield last
    yield stem(last)
