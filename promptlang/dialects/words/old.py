"""The dialect without `/parser`: brackets count, numbers do not."""

from promptlang.dialects import Dialect
from promptlang.dialects.words.new import weights
from promptlang.dialects.words.words import WordsParser, write

DIALECT = Dialect(name="old", parse=WordsParser("old", numbers_count=False).parse, weights=weights, write=write)
