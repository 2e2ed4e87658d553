"""Single files and parts of the families whose denoiser is a transformer, one module a family."""
