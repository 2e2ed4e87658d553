"""What families share when they draw: loops, starts, LoRA names and inversions of CLIP."""
