"""The dialect without `/parser`: brackets count, numbers do not."""

from promptlang.dialects import Dialect
from promptlang.dialects.new import weights
from promptlang.dialects.words import WordsParser, write

DIALECT = Dialect(name="old", parse=WordsParser("old", numbers_count=False).parse, weights=weights, write=write)
