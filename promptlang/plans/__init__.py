"""What a plan is, as data: dataclasses, JSON, what no valid plan may break."""
