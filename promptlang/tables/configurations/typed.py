"""Which JSON the configurations of transformers take at a key, of whatever class, as the library looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_WHOLE = """
chunk_size_feed_forward d_ff d_kv d_model depth hidden_size image_token_id image_token_index in_channels
intermediate_size max_position_embeddings num_attention_heads num_channels num_heads num_hidden_layers num_layers
num_position_embeddings out_hidden_size query_pre_attn_scalar relative_attention_max_distance
relative_attention_num_buckets spatial_merge_size tokens_per_second video_token_id vision_end_token_id
vision_start_token_id vocab_size window_size
"""
_WHOLE_OR_NONE = """
bos_token_id head_dim max_window_layers num_decoder_layers num_key_value_heads pad_token_id projection_dim
sliding_window
"""
_AROUND = """
image_token_id image_token_index multimodal_projector_bias projector_hidden_act text_config video_token_id vision_config
vision_end_token_id vision_feature_layer vision_start_token_id
"""
_NUMBER = "classifier_dropout dropout_rate initializer_range layer_norm_epsilon rms_norm_eps"
_NUMBER_OR_NONE = "attention_dropout attn_logit_softcapping final_logit_softcapping initializer_factor layer_norm_eps"
_FLAG = "attention_bias is_decoder is_encoder_decoder multimodal_projector_bias tie_word_embeddings use_cache"
_FLAG_OR_NONE = "output_hidden_states return_dict use_bidirectional_attention use_sliding_window"
_NAME = "feed_forward_proj hidden_act hidden_activation projector_hidden_act"
_LIST = "deepstack_visual_indexes fullatt_block_indexes"
_LIST_OR_NONE = "architectures layer_types"
_OBJECT_OR_NONE = "id2label label2id rope_parameters text_config vision_config"


def _kinds(keys: str, *kinds: str) -> Mapping[str, tuple[str, ...]]:
    return dict.fromkeys(keys.split(), kinds)


KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **_kinds(_WHOLE, "whole"),
        **_kinds(_WHOLE_OR_NONE, "whole", "null"),
        **_kinds("eos_token_id image_size patch_size", "whole", "list", "null"),
        **_kinds("temporal_patch_size vision_feature_layer", "whole", "list"),
        **_kinds(_NUMBER, "number"),
        **_kinds(_NUMBER_OR_NONE, "number", "null"),
        **_kinds(_FLAG, "flag"),
        **_kinds(_FLAG_OR_NONE, "flag", "null"),
        **_kinds(_NAME, "name"),
        **_kinds("problem_type transformers_version", "name", "null"),
        **_kinds(_LIST, "list"),
        **_kinds(_LIST_OR_NONE, "list", "null"),
        **_kinds(_OBJECT_OR_NONE, "object", "null"),
    }
)
AROUND = frozenset(_AROUND.split())
"""Keys of the network around two halves, at which the library does not look in a half: published ones have `null`."""
UNCHECKED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "model_type": ("name",),
        "rope_theta": ("above",),
        "rope_type": ("name",),
        "mrope_section": ("list",),
        "partial_rotary_factor": ("above",),
    }
)
"""What the library counts with, or looks up, without a look at what it is."""
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "whole": "a whole number",
        "number": "a number",
        "above": "a number above 0",
        "flag": "`true` or `false`",
        "name": "a name",
        "list": "a list",
        "object": "an object",
        "null": "`null`",
    }
)
"""The kinds in words."""
