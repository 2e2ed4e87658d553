if vim.fn.has('nvim-0.11') == 0 then
  vim.notify('promptlang needs Neovim 0.11 or newer', vim.log.levels.WARN)
else
  vim.lsp.enable('promptlang')
  require('promptlang').highlight()
end
