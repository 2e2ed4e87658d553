"""Whether the files that say how texts are divided hold what they must: the tokens, and what is joined to what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from promptlang.files import read_bytes, reason
from promptlang.models.evidence.records import BadHeader, Record, is_list, parse_record, printable, quoted, read_record
from promptlang.models.names import SETTINGS

TOKENS = ("tokenizer.json", "spiece.model", "tokenizer.model", "vocab.json")
"""The files in which a tokenizer's folder may keep its tokens."""
WHOLE, VOCABULARY, MERGES = TOKENS[0], TOKENS[-1], "merges.txt"
LARGE = 4_000_000
"""Bytes from which a file is only looked at from outside: to read the largest takes longer than all else."""
TEMPLATE = "chat_template.jinja"
"""The file with the words around a prompt, for language models that are talked to."""
_TEMPLATES = ("chat_template.json", SETTINGS["tokenizer"], "processor_config.json")
_LONGEST = 1 << 18  # letters of a template that are looked through, ten times as many as published ones have
_TAG = "unknown tag"
_KINDS = frozenset({"BPE", "Unigram", "WordPiece", "WordLevel"})


def broken_tokens(folder: Path) -> tuple[str, str]:
    """A file of a folder that divides no text, and why in one clause; empty where all of them look whole."""
    if (folder / WHOLE).is_file():
        try:
            return WHOLE, broken_tokenizer(read_bytes(folder / WHOLE))
        except OSError as error:
            return WHOLE, f"it cannot be read: {reason(error)}"
    if (folder / VOCABULARY).is_file():
        return _broken_pair(folder)
    return "", ""


def broken_template(folder: Path) -> tuple[str, str]:
    """The file of a folder that says no prompt, and why in one clause; empty where it does, or nobody can tell here."""
    place = folder / TEMPLATE
    if not place.is_file():
        return ("", "") if _has_template(folder) else (TEMPLATE, "there is none")
    try:
        text = read_bytes(place).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else "it is no text in UTF-8"
        return TEMPLATE, f"it cannot be read: {why}"
    return TEMPLATE, _unsaid(text) if text.strip() else "it is empty"


def _has_template(folder: Path) -> bool:
    """Whether another file has the template, as they were written before."""
    for name in _TEMPLATES:
        try:
            if read_record(folder / name).get("chat_template"):
                return True
        except (BadHeader, OSError):  # of which others tell
            continue
    return False


def _unsaid(text: str) -> str:
    """What the language of templates has against a text; its library comes with the renderer."""
    if len(text) > _LONGEST or not find_spec("jinja2"):
        return ""
    jinja2 = import_module("jinja2")
    try:
        jinja2.Environment(extensions=["jinja2.ext.loopcontrols"]).parse(text)
    except jinja2.TemplateSyntaxError as error:
        # Libraries add tags of their own.
        is_told = _TAG not in str(error.message)
        return f"line {error.lineno} cannot be read ({printable(str(error.message)).rstrip('.')})" if is_told else ""
    except RecursionError:
        return "it nests too deeply"
    except ValueError:  # more digits than Python converts
        return "it holds a number with thousands of digits"
    return ""


def broken_tokenizer(data: bytes) -> str:
    """Why a `tokenizer.json` divides no text, in one clause; empty where it looks whole."""
    if len(data) > LARGE:
        is_whole = data.lstrip()[:1] == b"{" and data.rstrip()[-1:] == b"}" and b'"vocab"' in data
        return "" if is_whole else "it cannot be read: it is cut off, or no JSON object"
    try:
        return next(_faults(parse_record(data, "it")), "")
    except BadHeader as error:
        return f"it cannot be read: {error}"


def _faults(said: Record) -> Iterator[str]:
    model = said.record("model")
    vocabulary = model.get("vocab")
    if said.get("version", "1.0") != "1.0":
        yield f"its `version` is {quoted(str(said['version']))}, which is not known"
    if not is_list(said.get("added_tokens")):
        yield "its `added_tokens` are no list"
    if "type" in model and str(model["type"]) not in _KINDS:
        yield f"its `model` is of the type {quoted(str(model['type']))}, which is not known"
    if not vocabulary or not (isinstance(vocabulary, Record) or is_list(vocabulary)):
        yield "it has no tokens: its `vocab` is empty" if not vocabulary else "its `vocab` is no list of tokens"
    if isinstance(vocabulary, Record) and "merges" in model:
        merges = model["merges"]
        if is_list(merges):
            yield from _of_merges(merges, vocabulary, "its `merges`")
        else:
            yield "its `merges` are no list of pairs"


def _of_merges(merges: Sequence[object], vocabulary: Record, called: str) -> Iterator[str]:
    for each in merges:
        pair = each.split(" ") if isinstance(each, str) else each
        if not (is_list(pair) and len(pair) == 2 and all(isinstance(half, str) for half in pair)):
            yield f"{called} hold {quoted(str(each))}, which is no pair"
        elif lost := next((half for half in pair if half not in vocabulary), None):
            yield f"{called} join {quoted(str(lost))}, which is none of its tokens"


def _broken_pair(folder: Path) -> tuple[str, str]:
    """The same of two files, as it was first published."""
    try:
        vocabulary = parse_record(read_bytes(folder / VOCABULARY), "it")
    except (BadHeader, OSError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        return VOCABULARY, f"it cannot be read: {why}"
    if not vocabulary:
        return VOCABULARY, "it has no tokens"
    try:
        lines = read_bytes(folder / MERGES).decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else "it is no text in UTF-8"
        return MERGES, f"it cannot be read: {why}"
    merges = [each for each in lines if each and not each.startswith("#version")]
    return MERGES, next(_of_merges(merges, vocabulary, "its lines"), "")
