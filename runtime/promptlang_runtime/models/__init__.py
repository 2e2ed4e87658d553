"""What is loaded: checkpoints, networks, samplers, devices."""
