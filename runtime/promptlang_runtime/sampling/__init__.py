"""Sampling in the arithmetic of ComfyUI and stable-diffusion-webui, written from the published formulas."""
