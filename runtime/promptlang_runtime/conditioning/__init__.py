"""From weighted text to what conditions the denoiser."""
