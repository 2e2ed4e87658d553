-- Drives Neovim like a person who edits a prompt and writes down what was seen, as JSON, to the file in $SEEN.
-- Run by test_neovim.py: nvim --clean --headless --cmd 'set runtimepath^=editors/neovim' -l neovim.lua

local seen = {}
local LONG = 60000 -- milliseconds; a slow machine is no failure, and a thing that never comes is reported by name

local function await(what, ready)
  local ok = vim.wait(LONG, function()
    local fine, answer = pcall(ready)
    return fine and answer
  end, 20)
  if not ok then
    error(('waited %d s in vain for %s'):format(LONG / 1000, what))
  end
end

local function lines()
  return vim.api.nvim_buf_get_lines(0, 0, -1, false)
end

local function text()
  return table.concat(lines(), '\n')
end

--- Put the cursor at the first character of a text; returns row and column, both from 0.
local function at(needle, plus)
  for row, line in ipairs(lines()) do
    local column = line:find(needle, 1, true)
    if column then
      vim.api.nvim_win_set_cursor(0, { row, column - 1 + (plus or 0) })
      return row - 1, column - 1 + (plus or 0)
    end
  end
  error('no ' .. needle .. ' in\n' .. text())
end

local function client()
  return vim.lsp.get_clients({ bufnr = 0, name = 'promptlang' })[1]
end

local function request(method, more)
  local params = vim.tbl_extend('force', vim.lsp.util.make_position_params(0, client().offset_encoding), more or {})
  local answer = client():request_sync(method, params, LONG, vim.api.nvim_get_current_buf()) -- 0 would send no pending edits
  assert(answer and not answer.err, method .. ': ' .. vim.inspect(answer))
  return answer.result
end

local function codes()
  local found = vim.tbl_map(function(each)
    return each.code
  end, vim.diagnostic.get(0))
  table.sort(found)
  return found
end

local function has(code)
  return vim.list_contains(codes(), code)
end

local steps = {}

function steps.open()
  vim.cmd.edit(vim.env.PROMPT)
  seen.filetype = vim.bo.filetype
  seen.commentstring = vim.bo.commentstring
  await('the server', function()
    return client().initialized
  end)
  seen.encoding = client().offset_encoding
  seen.root = client().root_dir
end

function steps.diagnostics()
  await('diagnostics', function()
    return has('parser/unknown-value')
  end)
  seen.diagnostics = codes()
end

function steps.hints_and_lenses()
  await('inlay hints', function()
    return #vim.lsp.inlay_hint.get({ bufnr = 0 }) > 0
  end)
  seen.hints = vim.tbl_map(function(each)
    return each.inlay_hint.label
  end, vim.lsp.inlay_hint.get({ bufnr = 0 }))
  await('code lenses', function()
    return #vim.lsp.codelens.get(0) > 0
  end)
  seen.lenses = vim.tbl_map(function(each)
    return each.command.title
  end, vim.lsp.codelens.get(0))
end

function steps.tokens()
  local row, column = at('cow')
  await('semantic tokens', function()
    return #vim.lsp.semantic_tokens.get_at_pos(0, row, column) > 0
  end)
  local token = vim.lsp.semantic_tokens.get_at_pos(0, row, column)[1]
  vim.cmd('highlight clear | doautocmd ColorScheme')
  seen.groups = {}
  for _, modifier in ipairs({ 'negative', 'weaker', 'stronger', 'strongest' }) do
    table.insert(seen.groups, vim.api.nvim_get_hl(0, { name = '@lsp.mod.' .. modifier .. '.promptlang' }).link or '')
  end
  seen.token = { type = token.type, modifiers = vim.tbl_keys(token.modifiers) }
end

function steps.syntax()
  local function group(needle, plus)
    local row, column = at(needle, plus)
    return vim.fn.synIDattr(vim.fn.synID(row + 1, column + 1, 1), 'name')
  end
  seen.syntax = {
    group('Warm-up'), group('/recipe'), group('#corner'), group('/render'), group('/clipskip'),
    group('1.9'), group('1.3'), group('neww'), group('cow'),
  }
end

function steps.folds()
  await('folds', function()
    return vim.lsp.foldexpr(1):match('^>')
  end)
  seen.folds = vim.tbl_map(vim.lsp.foldexpr, { 1, 2, 3 })
  seen.foldmethod = vim.wo.foldmethod
end

function steps.hover()
  at('/clipskip', 2)
  seen.hover = request('textDocument/hover').contents.value
end

function steps.symbols()
  seen.symbols = vim.tbl_map(function(each)
    return each.name
  end, request('textDocument/documentSymbol'))
end

function steps.completion()
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { '/render /sampl' })
  vim.api.nvim_win_set_cursor(0, { #lines(), #'/render /sampl' })
  local answer = request('textDocument/completion')
  seen.completion = vim.tbl_map(function(each)
    return each.label
  end, answer.items or answer)
end

function steps.quick_fix()
  vim.api.nvim_buf_set_lines(0, -2, -1, false, {})
  at('neww')
  await('the diagnostic under the cursor', function()
    return #vim.diagnostic.get(0, { lnum = vim.api.nvim_win_get_cursor(0)[1] - 1 }) > 0
  end)
  vim.lsp.buf.code_action({
    apply = true,
    context = { only = { 'quickfix' } },
    filter = function(action)
      return action.title:match('^Write')
    end,
  })
  await('the quick fix', function()
    return text():find('/parser:new a tree', 1, true)
  end)
  await('the diagnostic to go', function()
    return not has('parser/unknown-value')
  end)
  seen.fixed = codes()
end

function steps.weight_and_undo()
  local before = text()
  vim.cmd('let &undolevels = &undolevels') -- what follows is undone by itself
  at('cow')
  require('promptlang').run('heavier')
  await('the weight', function()
    return text() ~= before
  end)
  seen.heavier = text()
  vim.cmd.undo()
  seen.undone = text() == before
end

function steps.tags()
  local count = vim.api.nvim_buf_line_count(0)
  vim.api.nvim_buf_set_lines(0, count, count, false, { '/render one, two, three' })
  at('two', 1)
  seen.tags = {}
  for _, word in ipairs({ 'right', 'left', 'left', 'toggle', 'toggle' }) do -- the cursor stays in its tag
    local before = text()
    require('promptlang').run(word)
    await('the tag to go ' .. word, function()
      return text() ~= before
    end)
    table.insert(seen.tags, table.concat(vim.api.nvim_buf_get_lines(0, count, -1, false), '|'))
  end
  vim.api.nvim_buf_set_lines(0, count, -1, false, {})
  seen.keys = vim.fn.maparg('<M-Left>', 'n', false, true).desc
end

function steps.rename()
  at('#corner', 1)
  vim.lsp.buf.rename('edge')
  await('the new name', function()
    return not text():find('#corner', 1, true)
  end)
  seen.renamed = text()
end

function steps.format()
  vim.lsp.buf.format({ async = false, timeout_ms = LONG })
  seen.formatted = text()
end

function steps.command()
  local notify = vim.notify
  vim.notify = function(message)
    seen.tokens = message
  end
  at('cow')
  vim.cmd('Promptlang tokens')
  await('the number of tokens', function()
    return seen.tokens
  end)
  vim.notify = notify
  seen.words = vim.fn.getcompletion('Promptlang ', 'cmdline')
end

function steps.health()
  vim.cmd('checkhealth promptlang')
  seen.health = text()
  vim.cmd.bdelete()
end

function steps.project()
  local prompt = vim.api.nvim_get_current_buf()
  vim.cmd.edit(vim.fn.fnamemodify(vim.env.PROMPT, ':h') .. '/promptlang.toml')
  seen.project = { vim.bo.filetype }
  await('the server at the project file', client)
  vim.api.nvim_buf_set_lines(0, 0, -1, false, { '[settings]', 'wildcard = 3' })
  await('what is wrong with it', function()
    return has('config/unknown-key')
  end)
  vim.cmd('bwipeout!')
  vim.api.nvim_set_current_buf(prompt)
end

function steps.dotprompt()
  vim.cmd.edit(vim.env.DOTPROMPT)
  seen.dotprompt = vim.bo.filetype
end

function steps.stop()
  for _, each in ipairs(vim.lsp.get_clients()) do
    each:stop()
  end
  await('the end of the server', function()
    return #vim.lsp.get_clients() == 0
  end)
end

local order = {
  'open', 'diagnostics', 'hints_and_lenses', 'tokens', 'syntax', 'folds', 'hover', 'symbols', 'completion', 'quick_fix',
  'weight_and_undo', 'tags', 'rename', 'format', 'command', 'health', 'project', 'dotprompt', 'stop',
}

vim.cmd('filetype plugin on')
vim.cmd('syntax on')
vim.cmd('runtime! plugin/promptlang.lua')
vim.lsp.config('promptlang', { cmd = vim.json.decode(vim.env.SERVER) })

seen.times = {}
for _, name in ipairs(order) do
  local began = vim.uv.hrtime()
  local fine, problem = pcall(steps[name])
  seen.times[name] = math.floor((vim.uv.hrtime() - began) / 1e6)
  if not fine then
    seen.problem = name .. ': ' .. problem
    break
  end
end
vim.fn.writefile({ vim.json.encode(seen) }, vim.env.SEEN)
vim.cmd('qall!')
