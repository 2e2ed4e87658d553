"""The commands as tools of the Model Context Protocol, for programs that write prompts and ask what comes of them."""
