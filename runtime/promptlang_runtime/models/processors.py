"""What pipelines call a processor, for text alone: those of the folders see pictures besides, by way of torchvision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from promptlang.models.evidence.records import read_record
from promptlang_runtime.models import libraries
from promptlang_runtime.models.pipelines import TalkTokenizer

Turn = Mapping[str, object]
TEMPLATE = "chat_template.json"  # where the template lies that tokenizers do not look for


@dataclass(frozen=True, slots=True, eq=False)
class TextProcessor:
    """A tokenizer that is called as a processor is."""

    tokenizer: TalkTokenizer

    def __call__(self, *, text: Sequence[str], **settings: object) -> Mapping[str, Tensor]:
        """The ids of texts."""
        return self.tokenizer(text, **settings)

    def apply_chat_template(
        self,
        conversation: Sequence[Turn] | Sequence[Sequence[Turn]],
        *,
        tokenize: bool,
        return_dict: bool,
        add_generation_prompt: bool = False,
        **settings: object,
    ) -> Mapping[str, Tensor] | Tensor:
        """The ids of talks, one talk or several; the tokenizer adds no mark that the template begins with."""
        del tokenize  # no pipeline asks for the text
        talks = [conversation] if conversation and isinstance(conversation[0], Mapping) else conversation
        texts = self.tokenizer.apply_chat_template(talks, tokenize=False, add_generation_prompt=add_generation_prompt)
        first = self.tokenizer.bos_token
        is_marked = first is not None and texts[0].startswith(first)
        found = self.tokenizer(texts, **settings, **({"add_special_tokens": False} if is_marked else {}))
        return found if return_dict else found["input_ids"]


def text_processor(folder: str) -> TextProcessor:
    """The processor that lies in a folder."""
    tokenizer, written = libraries.tokenizer_from(folder), Path(folder, TEMPLATE)
    if tokenizer.chat_template is None and written.is_file():
        tokenizer.chat_template = read_record(written).text("chat_template")
    return TextProcessor(tokenizer)
