"""The dialect of `/parser:new`: numbers count, square brackets are the negative prompt."""

from promptlang.dialects import Dialect, WeightedText
from promptlang.dialects.words.words import WordsParser, write
from promptlang.syntax.nodes import Prompt
from promptlang.syntax.weighing import sides


def weights(prompt: Prompt) -> WeightedText:
    """The positive side, text and weight in order."""
    return tuple((run.text, run.weight) for run in sides(prompt.parts).positive)


DIALECT = Dialect(name="new", parse=WordsParser("new", numbers_count=True).parse, weights=weights, write=write)
