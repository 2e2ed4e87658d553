"""How fast prompts are read: `python -m benchmarks.parse`.

Every reader goes through the same real prompts as the peer it stands beside, in one thread and one run; then the first
token count of a process, and the growth from 1 KB to 1 MB.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from promptlang.dialects.a1111 import dialect as a1111
from promptlang.dialects.a1111.attention import weights_of
from promptlang.dialects.a1111.conjunction import conjunction
from promptlang.dialects.a1111.cuts import networks
from promptlang.dialects.a1111.schedules import schedule
from promptlang.dialects.comfy import dialect as comfy
from promptlang.dialects.compel import dialect as compel
from promptlang.source import Passage
from promptlang.tokens.ids import token_ids
from promptlang.tokens.vocabulary import END_TOKEN, START_TOKEN, merges, vocabulary
from promptlang.variants.parsing import parse as parse_variants

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus" / "real_prompts.txt"
CONSOLE = Console()
PATTERN = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"

Batch = Callable[[Sequence[str]], object]


@dataclass(frozen=True, slots=True)
class Reader:
    """A row: what reads, for what work, and how many prompts it gets through in a reasonable time."""

    work: str
    name: str
    read: Batch
    prompts: int | None = None


def all_passes(prompts: Sequence[str]) -> None:
    """A1111: networks, `AND`, schedules and emphasis of each prompt."""
    for prompt in prompts:
        networks(prompt)
        conjunction(prompt)
        schedule(prompt, 20)
        weights_of(prompt)


def each(read: Callable[[str], object]) -> Batch:
    """A reader of single prompts as a reader of many; a peer that raises has done its work."""

    def batch(prompts: Sequence[str]) -> None:
        for prompt in prompts:
            try:
                read(prompt)
            except Exception:
                continue

    return batch


def readers() -> Iterator[Reader]:
    """Ours, each before the peers that do the same work and are installed."""
    yield Reader("A1111, all four passes", "promptlang", all_passes)
    yield Reader("A1111, tree and warnings", "promptlang", each(lambda text: a1111.parse(Passage(text))))
    yield Reader("ComfyUI weights", "promptlang", each(lambda text: comfy.weights(comfy.parse(Passage(text)))))
    yield Reader("Compel", "promptlang", each(lambda text: compel.parse(Passage(text))))
    yield from compel_itself()
    yield Reader("variants", "promptlang", each(parse_variants))
    yield from dynamicprompts_itself()
    yield Reader("token ids", "promptlang", each(token_ids))
    yield from tokenizers_itself()


def compel_itself() -> Iterator[Reader]:
    try:
        from compel.prompt_parser import PromptParser
    except ImportError:
        CONSOLE.print("compel is not installed")
        return
    yield Reader("Compel", "compel", each(PromptParser().parse_conjunction), 100)


def dynamicprompts_itself() -> Iterator[Reader]:
    try:
        from dynamicprompts.parser.parse import parse
    except ImportError:
        CONSOLE.print("dynamicprompts is not installed")
        return
    yield Reader("variants", "dynamicprompts", each(parse), 2000)


def tokenizers_itself() -> Iterator[Reader]:
    """The library called bare, with the tokenizer that transformers makes of it."""
    try:
        from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
    except ImportError:
        CONSOLE.print("tokenizers is not installed")
        return
    model = models.BPE(vocab=vocabulary(), merges=merges(), end_of_word_suffix="</w>", unk_token=END_TOKEN)
    made = Tokenizer(model)
    made.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    split = pre_tokenizers.Split(Regex(PATTERN), behavior="removed", invert=True)
    made.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    made.add_special_tokens([START_TOKEN, END_TOKEN])
    yield Reader("token ids", "tokenizers, batched", lambda texts: made.encode_batch_fast(list(texts)))


def corpus(runs: int) -> None:
    """Real prompts through every reader."""
    if not CORPUS.exists():
        CONSOLE.print(f"no corpus at {CORPUS}: skipped")
        return
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    prompts = [line.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\") for line in lines]
    table = Table(title=f"Real prompts, one thread, median of {runs} (least–most)")
    for name in ("work", "reader"):
        table.add_column(name)
    for name in ("prompts", "prompts/s", "MB/s"):
        table.add_column(name, justify="right")
    for reader in readers():
        few = prompts[: reader.prompts]
        rates = [len(few) / seconds(reader.read, few) for _ in range(runs if reader.prompts is None else 3)]
        size = sum(len(prompt.encode()) for prompt in few) / len(few) / 1e6
        table.add_row(reader.work, reader.name, f"{len(few):,}", spread(rates), f"{median(rates) * size:.3g}")
    CONSOLE.print(table)


def seconds(read: Batch, prompts: Sequence[str]) -> float:
    """What the processor spends on this thread."""
    start = time.thread_time()
    read(prompts)
    return time.thread_time() - start


def spread(values: Sequence[float]) -> str:
    """The median, and the least and greatest beside it."""
    return f"{median(values):,.0f} ({min(values):,.0f}–{max(values):,.0f})"


def first_count(runs: int) -> None:
    """From nothing imported to the first token count, in processes of their own."""
    code = (
        "import time; start = time.process_time(); from promptlang.tokens.ids import token_ids; "
        "token_ids('a photo of a cow, best quality'); print(time.process_time() - start)"
    )
    times = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) * 1000
        for _ in range(runs)
    ]
    CONSOLE.print(f"first token count of a process: {median(times):.1f} ms ({min(times):.1f}–{max(times):.1f})")


def growth() -> None:
    """Microseconds a kilobyte, for texts of three sizes: a row that stays level is linear."""
    texts = {
        "real style": "(masterpiece:1.2), [a:b:0.5], red cow on a meadow, [c|d], ",
        "open brackets": "(",
        "nested": "(a ",
        "crossing": "([a)] ",
    }
    table = Table(title="A1111, all four passes: µs a kilobyte")
    table.add_column("text")
    for size in ("1 KB", "32 KB", "1 MB"):
        table.add_column(size, justify="right")
    for name, piece in texts.items():
        cells: list[str] = []
        for size in (1_000, 32_000, 1_000_000):
            text = piece * (size // len(piece))
            cells.append(f"{seconds(all_four, [text]) / size * 1e9:,.0f}")
        table.add_row(name, *cells)
    CONSOLE.print(table)


def all_four(prompts: Sequence[str]) -> None:
    """The passes on texts with so many switches that one step stands for all."""
    for prompt in prompts:
        networks(prompt)
        conjunction(prompt)
        schedule(prompt, 1)
        weights_of(prompt)


def main() -> None:
    """Everything, in order."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=7)
    runs = arguments.parse_args().runs
    corpus(runs)
    first_count(runs)
    growth()


if __name__ == "__main__":
    main()
