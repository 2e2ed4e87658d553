"""The paths of stable-diffusion-webui that its clients ask for."""
