"""Commands killed, or with a full disk, at random places: nothing is lost, doubled, half-written or left over."""
