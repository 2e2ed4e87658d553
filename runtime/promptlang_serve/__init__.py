"""The service: plans and pictures over HTTP, for clients of OpenAI's images, of stable-diffusion-webui, and our own."""
