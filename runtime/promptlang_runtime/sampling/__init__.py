"""Sampling by arithmetic of our own, which is that of ComfyUI and of stable-diffusion-webui, from the published formulas."""
