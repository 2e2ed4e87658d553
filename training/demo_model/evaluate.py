"""`python -m training.demo_model.evaluate`: measure the bundled model; exits 1 where a figure misses its threshold."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from training.demo_model import language, measures
from training.demo_model.captions import COLOUR_WORDS, PATTERN_WORDS, PLACE_WORDS, SHAPE_WORDS
from training.demo_model.measures import Gallery, Question, Result, Section, Wanted
from training.demo_model.sheets import sheet

_SEEDS = 4  # pictures of each line of a prompts file

SECTIONS: dict[str, Section] = {
    "judge": measures.judges_own,
    "held-out": measures.held_out,
    "position": measures.places,
    "count": measures.counts,
    "pattern": measures.patterns,
    "two": measures.two_things,
    "weight": language.weights,
    "negative": language.negative,
    "editing": language.editing,
    "guidance": language.guidance,
    "clip-skip": language.clip_skip,
    "lora": language.lora,
    "inversion": language.inversion,
}


class QuestionError(ValueError):
    """A line of a prompts file that asks nothing that can be measured."""


def read_questions(path: Path) -> list[Question]:
    """The prompts of a JSON-lines file, as `make demo-eval PROMPTS=file.jsonl` takes them.

    Raises QuestionError with the place of the first line that cannot be read, and OSError for a missing file.
    """
    questions: list[Question] = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not text.strip():
            continue
        try:
            questions.append(_question(json.loads(text)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"`{error.args[0]}` is missing" if isinstance(error, KeyError) else str(error)
            raise QuestionError(f"{path}:{number}: {reason}; a line is {_EXAMPLE}") from error
    if not questions:
        raise QuestionError(f"{path}: no prompts; a line is {_EXAMPLE}")
    return questions


_EXAMPLE = (
    '{"prompt": "a red star on white", "background": "white", '
    '"objects": [{"colour": "red", "shape": "star", "position": null, "pattern": null}]}'
)


def _question(line: dict[str, str | list[dict[str, str | None]]]) -> Question:
    prompt, background, objects = line["prompt"], line.get("background"), line["objects"]
    if not isinstance(prompt, str) or isinstance(background, list) or not isinstance(objects, list):
        raise ValueError("`prompt` is text, `background` text or null, `objects` a list")
    things = (
        Wanted(
            colour=_known("colour", each.get("colour"), COLOUR_WORDS),
            shape=_known("shape", each.get("shape"), SHAPE_WORDS),
            place=_known("position", each.get("position"), PLACE_WORDS),
            pattern=_known("pattern", each.get("pattern"), PATTERN_WORDS),
        )
        for each in objects
    )
    return Question(prompt, _known("background", background, COLOUR_WORDS), tuple(things))


def _known(what: str, word: str | None, words: Mapping[str, Sequence[str]]) -> str | None:
    """The judge's name for a word or its synonym; raises ValueError for one that it does not know."""
    if word is None:
        return None
    for name, synonyms in words.items():
        if word == name or word in synonyms:
            return name
    raise ValueError(f"{what} `{word}` is none of {', '.join(words)}")


def _results(questions: list[Question], sections: list[str], gallery: Gallery, scale: int) -> Iterator[Result]:
    if questions:
        yield from measures.judges_own(gallery, scale)
        yield from measures.accuracy(gallery, questions, images=_SEEDS)
        return
    for name in sections:
        yield from SECTIONS[name](gallery, scale)


def _table(results: list[Result]) -> Table:
    table = Table(title="The demo model, measured")
    for heading in ("what", "value", "must be", "pictures", ""):
        table.add_column(heading, justify="left" if heading in ("what", "") else "right")
    for result in results:
        least = f"≥ {result.at_least:.2f}" if result.at_least is not None else ""
        most = f"≤ {result.at_most:.2f}" if result.at_most is not None else ""
        is_judged = bool(least or most)
        verdict = ("[green]holds[/]" if result.holds else "[red]misses[/]") if is_judged else result.note
        table.add_row(escape(result.name), f"{result.value:.3f}", least or most, str(result.pictures), verdict)
    return table


def _keep(results: list[Result], gallery: Gallery, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        {"name": each.name, "value": round(each.value, 4), "pictures": each.pictures, "holds": each.holds}
        for each in results
    ]
    with (folder / "demo-eval.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    for name, shown in gallery.shown.items():
        if shown:
            labels, pictures = zip(*shown, strict=True)
            sheet(pictures, labels).save(folder / f"demo-model-{name}.png")


def main() -> int:
    """Print the table; 0 where every threshold holds."""
    parser = argparse.ArgumentParser(prog="python -m training.demo_model.evaluate", description=__doc__)
    parser.add_argument("--prompts", type=Path, help="measure these prompts (JSON lines) instead of the built-in ones")
    parser.add_argument("--only", nargs="*", choices=list(SECTIONS), default=list(SECTIONS), help="sections to measure")
    parser.add_argument("--scale", type=int, default=32, help="seeds for each figure")
    parser.add_argument("--keep", type=Path, help="write figures and contact sheets into this folder")
    given = parser.parse_args()
    try:
        questions = read_questions(given.prompts) if given.prompts is not None else []
    except (OSError, QuestionError) as error:
        parser.error(str(error))
    gallery, results, start, console = Gallery(), list[Result](), time.monotonic(), Console()
    with console.status("drawing") as status:
        for result in _results(questions, given.only, gallery, given.scale):
            results.append(result)
            status.update(f"{escape(result.name)}: {result.value:.3f}")
            if not console.is_terminal:
                console.print(
                    f"{time.monotonic() - start:6.0f} s  {escape(result.name)}: {result.value:.3f}", highlight=False
                )
    console.print(_table(results))
    if given.keep is not None:
        _keep(results, gallery, given.keep)
    return 0 if all(result.holds for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
