"""Programs that train what promptlang bundles; nothing here is installed with the package."""
