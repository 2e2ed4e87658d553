"""The dialect of SwarmUI."""
