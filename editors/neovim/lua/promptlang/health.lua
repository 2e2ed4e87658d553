-- `:checkhealth promptlang`

local M = {}

function M.check()
  vim.health.start('promptlang')
  if vim.fn.has('nvim-0.11') == 0 then
    vim.health.error('Neovim 0.11 or newer is needed')
    return
  end
  local words = vim.lsp.config.promptlang.cmd
  local command = words[1]
  if vim.fn.executable(command) == 1 then
    vim.health.ok(('`%s` is %s'):format(command, vim.fn.exepath(command)))
    local said = vim.fn.system(vim.list_extend(vim.deepcopy(words), { '--version' }))
    if vim.v.shell_error == 0 then
      vim.health.ok(vim.trim(said))
    else
      vim.health.warn(('`%s --version` fails'):format(table.concat(words, ' ')), vim.split(vim.trim(said), '\n'))
    end
  else
    vim.health.error(('`%s` is not on the PATH'):format(command), 'pip install "promptlang-diffusion[lsp]"')
  end
  local clients = vim.lsp.get_clients({ name = 'promptlang' })
  vim.health.info(('%d server%s running'):format(#clients, #clients == 1 and '' or 's'))
  for _, client in ipairs(clients) do
    vim.health.info(('project: %s, positions in %s'):format(client.root_dir or 'none', client.offset_encoding))
  end
end

return M
