-- Types into a second Neovim, a key every 50 ms, and writes down what its lines are then, as JSON, to the file in $SEEN.
-- Run by test_typing.py: nvim --clean --headless -l neovim_typing.lua

local KEY = 50 -- milliseconds
local SETTLED = 400 -- milliseconds without a change, after which a person has read the menu
local LONG = 20000
local ESCAPE, NEXT, ACCEPT = '\27', '\14', '\25'

local scenes = vim.json.decode(table.concat(vim.fn.readfile(vim.env.SCENES), '\n'))
local child = vim.fn.jobstart({
  vim.v.progpath, '--clean', '--headless', '--embed', '--cmd', 'set runtimepath^=' .. vim.env.PLUGIN,
}, { rpc = true })

local function ask(method, ...)
  return vim.rpcrequest(child, method, ...)
end

local function lua(code, ...)
  return ask('nvim_exec_lua', code, { ... })
end

local function type(keys)
  for _, key in ipairs(vim.fn.split(keys, '\\zs')) do
    ask('nvim_input', key == '<' and '<lt>' or key)
    vim.wait(KEY)
  end
end

local function line()
  return ask('nvim_get_current_line')
end

--- The labels of the menu that is open.
local function labels()
  local info = ask('nvim_call_function', 'complete_info', { { 'matches' } })
  return vim.tbl_map(function(item)
    return item.abbr
  end, info.matches or {})
end

--- The screen as text.
local function screen()
  return lua([[
    vim.cmd.redraw()
    local rows = {}
    for row = 1, vim.o.lines do
      local cells = {}
      for column = 1, vim.o.columns do
        table.insert(cells, vim.fn.screenstring(row, column))
      end
      table.insert(rows, (table.concat(cells):gsub('%s+$', '')))
    end
    return rows
  ]])
end

--- Choose a label once the menu has it; returns the screen, or the labels that were there instead.
local function choose(label)
  local at, last, since
  vim.wait(LONG, function()
    local now = table.concat(labels(), '\n')
    if now ~= last then
      last, since = now, vim.uv.now()
    end
    if vim.uv.now() - since < SETTLED then
      return false
    end
    for number, each in ipairs(labels()) do
      if vim.startswith(each, label) then
        at = number
        return true
      end
    end
  end, KEY)
  if not at then
    error('no ' .. label .. ' among ' .. vim.inspect(labels()))
  end
  local shown = screen()
  for _ = 1, at do
    ask('nvim_input', NEXT)
    vim.wait(KEY)
  end
  ask('nvim_input', ACCEPT)
  vim.wait(4 * KEY)
  return shown
end

local function play(scene)
  local seen = { name = scene.name }
  lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, { ... }); vim.cmd('let &undolevels = &undolevels')", scene.before .. scene.behind)
  ask('nvim_win_set_cursor', 0, { 1, #scene.before })
  ask('nvim_input', scene.behind == '' and 'A' or 'i')
  vim.wait(KEY)
  type(scene.keys)
  seen.typed = line()
  if scene.accept ~= '' then
    local fine, told = pcall(choose, scene.accept)
    seen[fine and 'screen' or 'problem'] = told
  end
  type(scene.more)
  vim.wait(4 * KEY)
  seen.line = line()
  ask('nvim_input', ESCAPE .. 'u')
  vim.wait(2 * KEY)
  seen.undone = line()
  return seen
end

lua([[
  vim.o.swapfile = false
  vim.o.lines, vim.o.columns = 24, 100
  vim.cmd('filetype plugin on')
  vim.cmd('runtime! plugin/promptlang.lua')
  vim.lsp.config('promptlang', { cmd = vim.json.decode(vim.env.SERVER) })
  vim.cmd.edit(vim.env.PROMPT)
  vim.wait(60000, function()
    local client = vim.lsp.get_clients({ bufnr = 0, name = 'promptlang' })[1]
    return client and client.initialized
  end, 20)
]])
local seen = vim.tbl_map(play, scenes)
local messages = ask('nvim_exec2', 'messages', { output = true }).output
vim.fn.writefile({ vim.json.encode({ scenes = seen, messages = messages }) }, vim.env.SEEN)
pcall(ask, 'nvim_command', 'qall!')
vim.cmd('qall!')
