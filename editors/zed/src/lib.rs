//! Tells Zed how to start the language server: `promptlang-lsp` from the PATH.

use zed_extension_api::{self as zed, Command, LanguageServerId, Result, Worktree};

struct Promptlang;

impl zed::Extension for Promptlang {
    fn new() -> Self {
        Promptlang
    }

    fn language_server_command(&mut self, _: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let command = worktree
            .which("promptlang-lsp")
            .ok_or("promptlang-lsp is not on the PATH: pip install \"promptlang-diffusion[lsp]\"")?;
        Ok(Command { command, args: Vec::new(), env: worktree.shell_env() })
    }
}

zed::register_extension!(Promptlang);
