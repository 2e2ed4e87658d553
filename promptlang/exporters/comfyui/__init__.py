"""Plans as graphs of ComfyUI: the nodes, in the form that runs and as its page draws them."""
