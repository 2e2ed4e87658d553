"""The compiler for diffusion prompts: text to tree to plan, pure and without torch."""
