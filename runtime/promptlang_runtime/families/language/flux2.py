"""FLUX.2: three layers of a language model read the prompt, Mistral in dev and Qwen3 in klein, 4B and 9B."""

from __future__ import annotations

from promptlang_runtime.drawing.language import Manner
from promptlang_runtime.families.language.reading import states_of, whole
from promptlang_runtime.families.language.row import Files, language_family
from promptlang_runtime.families.rebuilt import flux2 as rebuilt
from promptlang_runtime.models.processors import text_processor

KLEIN = language_family(
    "flux2",
    Manner(patch=1),
    whole(states_of),
    variant="klein 4B",
    files=Files(layout=rebuilt.LAYOUT, from_tensors=rebuilt.from_tensors, vae_of=rebuilt.vae_of),
)
FAMILY = language_family(
    "flux2",
    Manner(patch=1),
    whole(states_of),
    stand_ins={"tokenizer": text_processor},
    variants={"klein 4B": KLEIN, "klein 9B": KLEIN},
)
