"""LoRAs and their kin: from their files into the layers of a model, at strengths that may change between steps."""
