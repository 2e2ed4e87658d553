"""The three networks in the Stable Diffusion 1.5 layout, small, and the noise schedule that they share."""

from __future__ import annotations

from collections.abc import Callable

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor, nn
from torch.nn import functional

from training.demo_model.world import CANVAS

WIDTH, HEADS, MLP, LAYERS, POSITIONS = 64, 4, 128, 12, 77
FINAL_BIAS = -0.2

SCHEDULE: dict[str, float | str] = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
}


def signal_shares() -> Tensor:
    """How much of the picture's variance is left at each of the 1,000 timesteps (cumulative alphas)."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, 0).float()


class _Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(WIDTH, WIDTH) for _ in range(4))

    def forward(self, hidden: Tensor) -> Tensor:
        queries, keys, values = (
            project(hidden).unflatten(-1, (HEADS, -1)).transpose(1, 2)
            for project in (self.q_proj, self.k_proj, self.v_proj)
        )
        mixed = functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        return self.out_proj(mixed.transpose(1, 2).flatten(2))


class _Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.self_attn = _Attention()
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(WIDTH, MLP), "fc2": nn.Linear(MLP, WIDTH)})

    def forward(self, hidden: Tensor) -> Tensor:
        hidden = hidden + self.self_attn(self.layer_norm1(hidden))
        inner = self.mlp["fc1"](self.layer_norm2(hidden))
        return hidden + self.mlp["fc2"](inner * torch.sigmoid(1.702 * inner))


class TextEncoder(nn.Module):
    """CLIP's text transformer with CLIP's parameter names, over a vocabulary of any size.

    The final norm is frozen at gain 1 and a constant bias: the mean of every hidden vector is then exactly that bias,
    so that weighting tokens and restoring the mean, as A1111 does, is always well defined.
    """

    def __init__(self, vocabulary_size: int) -> None:
        super().__init__()
        self.embeddings = nn.ModuleDict(
            {
                "token_embedding": nn.Embedding(vocabulary_size, WIDTH),
                "position_embedding": nn.Embedding(POSITIONS, WIDTH),
            }
        )
        self.encoder = nn.ModuleDict({"layers": nn.ModuleList(_Layer() for _ in range(LAYERS))})
        self.final_layer_norm = nn.LayerNorm(WIDTH)
        nn.init.normal_(self.embeddings["token_embedding"].weight, std=0.5)
        nn.init.normal_(self.embeddings["position_embedding"].weight, std=0.2)
        nn.init.constant_(self.final_layer_norm.bias, FINAL_BIAS)
        self.final_layer_norm.requires_grad_(False)

    def hidden_states(self, tokens: Tensor, embedded: Tensor | None = None) -> list[Tensor]:
        """The 13 hidden states of (B, L) tokens, before the final norm; `embedded` replaces the token embedding."""
        hidden = self.embeddings["token_embedding"](tokens) if embedded is None else embedded
        hidden = hidden + self.embeddings["position_embedding"].weight[: tokens.shape[1]]
        states = [hidden]
        for layer in self.encoder["layers"]:
            states.append(layer(states[-1]))
        return states

    def forward(self, tokens: Tensor, clip_skips: Tensor, embedded: Tensor | None = None) -> Tensor:
        """Conditioning (B, L, 64), each row read at its own clip skip from 1 to 13."""
        states = self.hidden_states(tokens, embedded)
        chosen = torch.zeros_like(states[0])
        for number, state in enumerate(states):
            chosen = chosen + state * (clip_skips == LAYERS + 1 - number).to(state.dtype)[:, None, None]
        return self.final_layer_norm(chosen)


def weighted(hidden: Tensor, weights: Tensor) -> Tensor:
    """Token weights (B, L) in A1111's way: multiply, then restore the mean of each 77-token chunk."""
    scaled = hidden * weights[..., None]
    return scaled * (hidden.mean((1, 2), keepdim=True) / scaled.mean((1, 2), keepdim=True))


def condition(encoder: TextEncoder, tokens: Tensor, weights: Tensor, clip_skips: Tensor) -> Tensor:
    """The UNet's context (N, C * 77, 64) for (N, C, 77) tokens."""
    count, chunks, _ = tokens.shape
    hidden = encoder(tokens.flatten(0, 1), clip_skips.repeat_interleave(chunks))
    return weighted(hidden.float(), weights.flatten(0, 1)).view(count, -1, WIDTH)


def make_autoencoder() -> AutoencoderKL:
    """An f=8 autoencoder with four latent channels that begins as a linear pyramid."""
    model = AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(24, 32, 48, 64),
        layers_per_block=1,
        latent_channels=4,
        # Few, wide groups: over two channels of a flat picture the norm leaves only a sign.
        norm_num_groups=4,
        sample_size=CANVAS,
        scaling_factor=1.0,
    )
    _silence(model, lambda name: name.endswith(("conv2", "to_out.0")))
    with torch.no_grad():
        for name, module in model.named_modules():
            if isinstance(module, nn.Conv2d) and "samplers" in name:
                _resample_plainly(module, "downsamplers" in name)
        # Little posterior noise at first, or the decoder learns to ignore the latents.
        model.quant_conv.weight[4:] *= 0.1
        model.quant_conv.bias[4:] = -6
    return model


def _resample_plainly(module: nn.Conv2d, shrinks: bool) -> None:
    module.weight.mul_(0.5)
    for channel in range(min(module.weight.shape[:2])):
        if shrinks:
            module.weight[channel, channel] += 1 / 9
        else:
            module.weight[channel, channel, 1, 1] += 1


def _silence(model: nn.Module, ends_a_branch: Callable[[str], bool]) -> None:
    """Residual branches begin at zero: training is then steady from the first step."""
    for name, module in model.named_modules():
        if ends_a_branch(name) and isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.zeros_(module.weight)
            nn.init.zeros_(module.bias)


def make_unet() -> UNet2DConditionModel:
    """The denoiser: attention to the text at every resolution, 16 by 16 latents included."""
    model = UNet2DConditionModel(
        sample_size=CANVAS // 8,
        in_channels=4,
        out_channels=4,
        block_out_channels=(64, 96, 128),
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        mid_block_type="UNetMidBlock2DCrossAttn",
        layers_per_block=1,
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
        norm_num_groups=8,
    )
    _silence(model, lambda name: name.endswith((".conv2", ".proj_out")) or name == "conv_out")
    return model
