"""Everything that makes the demo model: its world, its drawings and captions, its training and its evaluation."""
