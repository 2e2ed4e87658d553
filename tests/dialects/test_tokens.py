"""CLIP token ids: the pure reader against the `tokenizers` library, and what it promises alone."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptlang.tokens.ids import token_ids
from promptlang.tokens.vocabulary import END_ID, END_TOKEN, START_ID, START_TOKEN, merges, vocabulary

PATTERN = (
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"  # as CLIP has it
)
PIECES = st.sampled_from(
    [*"aAsz0,.'’ \n\t\x1c\x85\u3000éΣσßﬁ日🌸½Ⅷ\u0301\ufeff", "'s", "'LL", "cat", "Masterpiece", START_TOKEN, END_TOKEN]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)


@pytest.fixture(scope="module")
def library():
    """The tokenizer of the library, made from our vocabulary as transformers makes it."""
    tokenizers = pytest.importorskip("tokenizers")
    from tokenizers import models, normalizers, pre_tokenizers

    model = models.BPE(vocab=vocabulary(), merges=merges(), end_of_word_suffix="</w>", unk_token=END_TOKEN)
    made = tokenizers.Tokenizer(model)
    made.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(tokenizers.Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    split = pre_tokenizers.Split(tokenizers.Regex(PATTERN), behavior="removed", invert=True)
    made.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    made.add_special_tokens([START_TOKEN, END_TOKEN])
    return made


@given(text=TEXTS)
def test_as_the_library(library, text: str) -> None:
    """Any text has the ids that the library gives it."""
    assert list(token_ids(text)) == library.encode(text).ids


def test_one_long_word(library) -> None:
    """A word of thousands of letters is merged in the library's order too."""
    word = "aardvarkbanana" * 500
    assert list(token_ids(word)) == library.encode(word).ids


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (" \n\t", ()),
        ("a photo of a cat", (320, 1125, 539, 320, 2368)),
        ("A PHOTO  of\na Cat", (320, 1125, 539, 320, 2368)),
        (f"{START_TOKEN}a{END_TOKEN}", (START_ID, 320, END_ID)),
    ],
)
def test_ids(text: str, expected: tuple[int, ...]) -> None:
    """Case and white space make no difference; the marks are themselves."""
    assert token_ids(text) == expected


def test_the_vocabulary_is_whole() -> None:
    """49,408 tokens, each id once, the two marks last."""
    words = vocabulary()
    assert sorted(words.values()) == list(range(49408))
    assert (words[START_TOKEN], words[END_TOKEN]) == (START_ID, END_ID)
    assert len(merges()) == 48894


def test_counting_loads_no_library() -> None:
    """The compiler counts tokens in an installation without any of the runtime's packages."""
    code = (
        "import sys; from promptlang.tokens.ids import token_ids; assert token_ids('a cat') == (320, 2368); "
        "sys.exit(' '.join({'torch', 'transformers', 'tokenizers'} & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
