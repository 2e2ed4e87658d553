"""Python that draws with diffusers or asks a service, as pages and model cards show it; it is read, never run."""
