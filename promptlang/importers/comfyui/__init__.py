"""Graphs of ComfyUI, as they ran and as they are drawn on its page, to what they say of a picture."""
