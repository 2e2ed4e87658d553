"""The dialects of the hosted service: `/parser:new`, and the old one, where brackets count and numbers do not."""

from promptlang.dialects.dialect import Dialect, WeightedText
from promptlang.dialects.words.words import WordsParser, plain, write
from promptlang.syntax.nodes import Prompt
from promptlang.syntax.weighing import sides


def weights(prompt: Prompt) -> WeightedText:
    """The positive side, text and weight in order."""
    return tuple((run.text, run.weight) for run in sides(prompt.parts).positive)


OLD = Dialect(
    name="old",
    parse=WordsParser("old", numbers_count=False).parse,
    weights=weights,
    write=write,
    plain=plain,
    weighting="a1111",
)
NEW = Dialect(
    name="new",
    parse=WordsParser("new", numbers_count=True).parse,
    weights=weights,
    write=write,
    plain=plain,
    weighting="a1111",
)
