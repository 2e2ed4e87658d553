-- `:checkhealth promptlang`

local M = {}

function M.check()
  vim.health.start('promptlang')
  local command = vim.lsp.config.promptlang.cmd[1]
  if vim.fn.executable(command) == 1 then
    vim.health.ok(('`%s` is %s'):format(command, vim.fn.exepath(command)))
  else
    vim.health.error(('`%s` is not on the PATH'):format(command), 'pip install "promptlang-diffusion[lsp]"')
  end
  local clients = vim.lsp.get_clients({ name = 'promptlang' })
  vim.health.info(('%d server%s running'):format(#clients, #clients == 1 and '' or 's'))
end

return M
