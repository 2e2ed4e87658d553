"""Plain sampling with the networks themselves, to look at a checkpoint before it is exported."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from diffusers import AutoencoderKL, DPMSolverMultistepScheduler
from torch import Tensor

from training.demo_model.batches import encode_words
from training.demo_model.captions import Word
from training.demo_model.diffusion import Networks
from training.demo_model.networks import SCHEDULE, condition
from training.demo_model.vocabulary import Vocabulary


def words(text: str) -> list[Word]:
    """A prompt of the grammar's words as weightless words."""
    return [Word(word) for word in text.replace(",", " , ").split()]


@torch.no_grad()
def sample(
    networks: Networks,
    autoencoder: AutoencoderKL,
    vocabulary: Vocabulary,
    prompts: Sequence[Sequence[Word]],
    *,
    negative: Sequence[Word] = (),
    guidance: float = 5.0,
    steps: int = 20,
    clip_skip: int = 1,
    seed: int = 0,
) -> Tensor:
    """One picture for each prompt, (N, 3, 128, 128) from -1 to 1; picture i begins with the noise of seed + i."""
    count = len(prompts)
    coded = [encode_words(words, vocabulary) for words in (*prompts, negative)]
    tokens, weights = torch.tensor([code[0] for code in coded]), torch.tensor([code[1] for code in coded])
    skips = torch.full((count + 1,), clip_skip)
    context = condition(networks.text, tokens[:, None], weights[:, None], skips)
    both = torch.cat((context[-1:].expand(count, -1, -1), context[:-1]))
    scheduler = DPMSolverMultistepScheduler(**SCHEDULE, timestep_spacing="leading", steps_offset=1)
    scheduler.set_timesteps(steps)
    generators = [torch.Generator().manual_seed(seed + number) for number in range(count)]
    latents = torch.stack([torch.randn(4, 16, 16, generator=generator) for generator in generators])
    for timestep in scheduler.timesteps:
        without, with_prompt = networks.unet(torch.cat((latents, latents)), timestep, both).sample.chunk(2)
        guided = without + guidance * (with_prompt - without)
        latents = scheduler.step(guided, timestep, latents).prev_sample
    return autoencoder.decode(latents).sample.clamp(-1, 1)
