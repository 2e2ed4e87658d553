"""stable-diffusion-webui: emphasis, schedules, conjunction, networks and chunks; and the token ids of CLIP."""

from __future__ import annotations

import re
from collections.abc import Mapping

from promptlang.dialects.a1111.attention import pairs, weights_of
from promptlang.dialects.a1111.calls import strengths
from promptlang.dialects.a1111.conjunction import conjunction
from promptlang.dialects.a1111.cuts import networks, without_comments
from promptlang.dialects.a1111.dialect import runs
from promptlang.dialects.a1111.lexemes import lexemes
from promptlang.dialects.a1111.repairs import repaired
from promptlang.dialects.a1111.schedules import schedule
from promptlang.plans.plan import Run
from promptlang.source import Passage
from promptlang.tokens.ids import token_ids
from promptlang.tokens.webui import webui_chunks
from tests.conformance import NOT_OURS, Answer, Difference, Row, is_error, plain


def attention(row: Row) -> object:
    return plain(weights_of(_text(row)))


def schedules(row: Row) -> object:
    settings = row["args"]
    assert isinstance(settings, Mapping)
    old_rules = bool(settings["use_old_scheduling"])
    return plain(schedule(_text(row), settings["steps"], settings["hires_steps"], old_rules=old_rules))


def conjunctions(row: Row) -> object:
    prompts = row["input"]
    assert isinstance(prompts, list)
    branches = [conjunction(str(prompt)) for prompt in prompts]
    flat = list(dict.fromkeys(text for each in branches for text, _ in each))
    return {"indexes": [[[flat.index(text), weight] for text, weight in each] for each in branches], "flat": flat}


def extra_networks(row: Row) -> object:
    text, calls = networks(_text(row))
    if "activate" in str(row["function"]):
        read = [strengths(call) for call in calls if call.kind == "lora"]
        loras = [{"name": lora.name, "te": lora.text, "unet": lora.denoiser, "dyn": lora.rank} for lora in read if lora]
        return plain({"text": text, "loras": loras})
    by_kind: dict[str, list[object]] = {}
    for call in calls:
        described = {"items": call.items, "positional": call.positional, "named": call.named}
        by_kind.setdefault(call.kind, []).append(described)
    return plain({"text": text, "networks": by_kind})


def chunks(row: Row) -> object:
    settings = row["args"]
    assert isinstance(settings, Mapping)
    text = _text(row)
    weighted = (Run(repaired(text)),) if settings["emphasis"] == "None" else runs(text)
    laid_out = webui_chunks(weighted, backtrack=settings["comma_padding_backtrack"])
    return {
        "token_count": laid_out.token_count,
        "chunks": [{"tokens": [*chunk.ids], "multipliers": [*chunk.multipliers]} for chunk in laid_out.chunks],
    }


def clip_tokens(row: Row) -> object:
    return list(token_ids(_text(row)))


def comments(row: Row) -> object:
    if row["function"] != "strip_comments":
        return NOT_OURS  # the file holds styles beside them, which are no part of a prompt
    return without_comments(Passage(_text(row))).text


def _text(row: Row) -> str:
    return str(row["input"])


def _stops_at_a_number(row: Row, answer: object) -> bool:
    """The owner takes digits and points for a weight, cannot read them as a number and raises."""
    del answer
    text = _text(row)
    found = lexemes(text)
    closers = pairs(text, found).closers
    return is_error(row) and any(each[0] == "NO_WEIGHT" and at + 1 in closers for at, each in enumerate(found))


def _stops_at_a_strength(row: Row, answer: object) -> bool:
    del answer
    return is_error(row) and any(strengths(call) is None for call in networks(_text(row))[1] if call.kind == "lora")


def _stops_at_a_step(row: Row, answer: object) -> bool:
    """A step number beyond the largest double."""
    del answer
    return is_error(row) and re.search(r"[0-9][eE]\+?[0-9]{3,}|[0-9]{300,}", _text(row)) is not None


def _is_decoded_again(row: Row, answer: object) -> bool:
    """ftfy takes a UTF-8 lead byte and what follows, both shown as Latin letters, for text decoded wrongly."""
    del answer
    return re.search(r"[Â-ô][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]", _text(row)) is not None


def _keeps_a_sign(row: Row, answer: object) -> bool:
    del answer
    return r"\#" in _text(row)


def _breaks_other_lines(row: Row, answer: object) -> bool:
    """The same words, with another number of line breaks between them."""
    return str(row["expected"]).split() == str(answer).split()


def _is_the_promised_tokenizer(row: Row, answer: object) -> bool:
    return row["hf_fast"] != "same" and answer == row["hf_fast"]


ANSWERS: dict[str, Answer] = {
    "a1111_attention.jsonl": attention,
    "a1111_schedules.jsonl": schedules,
    "a1111_schedules_ambiguous.jsonl": schedules,
    "a1111_multicond.jsonl": conjunctions,
    "a1111_extra_networks.jsonl": extra_networks,
    "a1111_chunks.jsonl": chunks,
    "a1111_misc.jsonl": comments,
    "clip_tokens.jsonl": clip_tokens,
}

DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        name="stops at a number",
        files=frozenset({"a1111_attention.jsonl", "a1111_chunks.jsonl", "real_prompts.txt"}),
        reason="`(a:1.2.3)` stops the program with an error; here the digits are text, with a warning",
        fits=_stops_at_a_number,
    ),
    Difference(
        name="stops at a strength",
        files=frozenset({"a1111_extra_networks.jsonl"}),
        reason="`<lora:x:abc>` raises inside the program, which goes on without it; here the call is left out",
        fits=_stops_at_a_strength,
    ),
    Difference(
        name="stops at a step",
        files=frozenset({"a1111_schedules.jsonl", "a1111_schedules_ambiguous.jsonl"}),
        reason="`[a:b:1e999]` raises inside the program; here it is a step that never comes",
        fits=_stops_at_a_step,
    ),
    Difference(
        name="decoded again",
        files=frozenset({"a1111_chunks.jsonl"}),
        reason="ftfy guesses that `Ã©` was meant as `é`; here letters stay as they were typed",
        fits=_is_decoded_again,
    ),
    Difference(
        name="line breaks of a comment",
        files=frozenset({"a1111_misc.jsonl"}),
        reason="a comment leaves one line break, also at the end; here those around it stay, CLIP reads blanks",
        fits=_breaks_other_lines,
    ),
    Difference(
        name="sign behind a backslash",
        files=frozenset({"a1111_misc.jsonl"}),
        reason="a comment starts at any `#`; here `\\#` is the sign itself, as everywhere in a prompt file",
        fits=_keeps_a_sign,
    ),
    Difference(
        name="promised tokenizer",
        files=frozenset({"clip_tokens.jsonl"}),
        reason="the file records open_clip; promised is the fast CLIPTokenizer of transformers 5, recorded beside it",
        fits=_is_the_promised_tokenizer,
    ),
)
