"""`promptlang play`: a page with an editor, the language server and pictures, for this computer only."""
