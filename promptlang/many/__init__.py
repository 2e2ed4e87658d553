"""Many texts at once: findings as plain data, remembered between runs, worked out in several processes."""
