-- The server's row for `vim.lsp.enable('promptlang')`; `vim.lsp.config('promptlang', {…})` changes any part of it.

---@type vim.lsp.Config
return {
  cmd = { 'promptlang-lsp' },
  filetypes = { 'promptlang', 'toml.promptlang-project' },
  root_markers = { 'promptlang.toml', '.git' },
  handlers = {
    ['window/showDocument'] = function(...)
      return require('promptlang').show_document(...)
    end,
  },
  commands = {
    ['editor.action.triggerSuggest'] = function()
      require('promptlang').suggest()
    end,
  },
  on_attach = function(client, buffer)
    require('promptlang').attach(client, buffer)
  end,
}
