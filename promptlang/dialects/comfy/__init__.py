"""The dialect of ComfyUI."""
