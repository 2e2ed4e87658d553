from torch import nn

class CLIPTextConfig:
    def __init__(
        self,
        *,
        vocab_size: int,
        hidden_size: int,
        intermediate_size: int,
        projection_dim: int,
        num_hidden_layers: int,
        num_attention_heads: int,
        max_position_embeddings: int,
        hidden_act: str,
        bos_token_id: int,
        eos_token_id: int,
        pad_token_id: int,
    ) -> None: ...

class CLIPTextModel(nn.Module):
    def __init__(self, config: CLIPTextConfig) -> None: ...

class CLIPTextModelWithProjection(nn.Module):
    text_projection: nn.Linear
    def __init__(self, config: CLIPTextConfig) -> None: ...
