"""The dialect of stable-diffusion-webui."""
