-- What a buffer gets when the server attaches: hints, lenses, completion, folds, the command `:Promptlang` and a few keys.
-- `vim.g.promptlang = { keys = false, hints = false, lenses = false, completion = false, folds = false }` switches parts off.

local M = {}

local function wanted(part)
  return (vim.g.promptlang or {})[part] ~= false
end

--- The positions of the visual selection, or of the cursor, as the server counts them.
local function selected(client)
  if vim.fn.mode():match('[vV\22]') then
    local from, to = vim.fn.getpos('v'), vim.fn.getpos('.')
    if from[2] > to[2] or (from[2] == to[2] and from[3] > to[3]) then
      from, to = to, from
    end
    local range = { { from[2], from[3] - 1 }, { to[2], to[3] - 1 } }
    return vim.lsp.util.make_given_range_params(range[1], range[2], 0, client.offset_encoding).range
  end
  return vim.lsp.util.make_range_params(0, client.offset_encoding).range
end

local function line()
  return vim.api.nvim_win_get_cursor(0)[1] - 1
end

--- Words after `:Promptlang`: the server's command and what it is told besides the buffer.
local actions = {
  render = { 'promptlang.render', line },
  plan = { 'promptlang.showPlan', line },
  tokens = { 'promptlang.tokens', line },
  fix = { 'promptlang.fixAll' },
  heavier = { 'promptlang.increaseWeight', selected },
  lighter = { 'promptlang.decreaseWeight', selected },
  left = { 'promptlang.moveTagLeft', selected },
  right = { 'promptlang.moveTagRight', selected },
  toggle = { 'promptlang.toggleTag', selected },
  about = { 'promptlang.debugInformation' },
}

--- A word for each key, and what which-key and `:map` say of it.
local keys = {
  ['<C-Up>'] = { 'heavier', 'make the words here heavier' },
  ['<C-Down>'] = { 'lighter', 'make the words here lighter' },
  ['<M-Left>'] = { 'left', 'move the tag here to the left' },
  ['<M-Right>'] = { 'right', 'move the tag here to the right' },
  ['<M-/>'] = { 'toggle', 'switch the tag here off, or on again' },
}

local answered = {
  tokens = function(count)
    local text = '%d tokens in %d of %d, %d in the negative prompt'
    vim.notify(text:format(count.positive, count.chunks, count.chunk, count.negative))
  end,
  about = function(facts)
    vim.print(facts)
  end,
}

--- Every dialect that the statement here can be written in.
local function convert()
  vim.lsp.buf.code_action({ context = { only = { 'refactor.rewrite.convert' }, diagnostics = {} } })
end

--- Run a word of `:Promptlang` for the present buffer.
function M.run(word)
  if word == 'convert' then
    return convert()
  end
  local client = vim.lsp.get_clients({ bufnr = 0, name = 'promptlang' })[1]
  local action = actions[word]
  if not client or not action then
    vim.notify(client and ('promptlang: there is no `%s`'):format(word) or 'promptlang: no server here', vim.log.levels.ERROR)
    return
  end
  local buffer = vim.api.nvim_get_current_buf() -- 0 would send no pending edits before the command
  local arguments = { vim.uri_from_bufnr(buffer) }
  if action[2] then
    table.insert(arguments, action[2](client))
  end
  client:exec_cmd({ title = word, command = action[1], arguments = arguments }, { bufnr = buffer }, function(problem, result)
    if problem then
      vim.notify('promptlang: ' .. problem.message, vim.log.levels.ERROR)
    elseif answered[word] then
      answered[word](result)
    end
  end)
end

--- Pictures open in the system's viewer, everything else in a window.
function M.show_document(problem, params, context)
  local ending = params.uri:match('%.(%w+)$')
  if not problem and vim.list_contains({ 'png', 'jpg', 'webp' }, ending) then
    local _, message = vim.ui.open(vim.uri_to_fname(params.uri))
    return { success = message == nil }
  end
  return vim.lsp.handlers['window/showDocument'](problem, params, context)
end

--- An item as the menu shows it, and all of what it writes: Neovim's own reading of an item ends at its first blank.
local function shown(item)
  local details = item.labelDetails or {}
  local menu = details.description or item.detail or ''
  if vim.fn.strdisplaywidth(menu) > 40 then
    menu = vim.fn.strcharpart(menu, 0, 39) .. '…'
  end
  return {
    abbr = item.label .. (details.detail or ''),
    kind = '',
    menu = menu,
    word = item.insertTextFormat ~= vim.lsp.protocol.InsertTextFormat.Snippet and item.textEdit and item.textEdit.newText
      or nil,
  }
end

--- The item of a completion that was accepted, if it is one of the server's.
local function accepted(client)
  local told = vim.tbl_get(vim.v.completed_item, 'user_data', 'nvim', 'lsp') or {}
  return vim.v.event.reason == 'accept' and told.client_id == client.id and told.completion_item or nil
end

--- How many bytes stand behind the cursor, and before it.
local function sides()
  local column = vim.api.nvim_win_get_cursor(0)[2]
  return #vim.api.nvim_get_current_line() - column, column
end

--- What an item replaces behind the cursor goes too, as `scale` does where `/guidance` is chosen for `/cfgscale`; Neovim
--- replaces what stands before it.
local function replace_all(client, buffer)
  local behind, before = 0, 0
  local group = vim.api.nvim_create_augroup('promptlang completion' .. buffer, {})
  vim.api.nvim_create_autocmd('LspRequest', {
    group = group,
    buffer = buffer,
    callback = function(event)
      local request = event.data.request
      if request.type == 'pending' and request.method == 'textDocument/completion' then
        behind, before = sides()
      end
    end,
  })
  vim.api.nvim_create_autocmd('CompleteDone', {
    group = group,
    buffer = buffer,
    callback = function()
      local range = vim.tbl_get(accepted(client) or {}, 'textEdit', 'range')
      local now, column = sides()
      if range and now == behind and client.offset_encoding == 'utf-8' and range['end'].character > before then
        local row = vim.api.nvim_win_get_cursor(0)[1] - 1
        vim.api.nvim_buf_set_text(buffer, row, column, row, column + range['end'].character - before, {})
      end
    end,
  })
end

--- Whether a sign closes the snippet that is filled in, and stands at a column already: `>` behind `<neon:1`.
local function closes(sign, column)
  return vim.snippet.active() and vim.list_contains({ '>', ')' }, sign) and vim.api.nvim_get_current_line():sub(column, column) == sign
end

--- What closes a snippet is typed over, as the sign that an editor closes a bracket with is.
local function type_over(buffer)
  vim.api.nvim_create_autocmd('InsertCharPre', {
    group = vim.api.nvim_create_augroup('promptlang snippets' .. buffer, {}),
    buffer = buffer,
    callback = function()
      if closes(vim.v.char, vim.fn.col('.')) then
        vim.v.char = ''
        vim.api.nvim_feedkeys(vim.keycode('<C-g>U<Right>'), 'in', false)
      end
    end,
  })
  for _, sign in ipairs({ '>', ')' }) do -- while what may be filled in is selected, which it stays
    vim.keymap.set('s', sign, function()
      return closes(sign, math.max(vim.fn.col('.'), vim.fn.col('v')) + 1) and '<Esc>la' or sign
    end, { buffer = buffer, expr = true, desc = 'promptlang: keep the strength' })
  end
end

--- Words come up while they are typed, and nothing is written before it is chosen.
local function complete(client, buffer)
  local provider = client.server_capabilities.completionProvider
  provider.triggerCharacters = vim.tbl_map(string.char, vim.fn.range(32, 126)) -- else only signs bring the menu up
  replace_all(client, buffer) -- before Neovim looks at the text that an item is put into
  vim.lsp.completion.enable(true, client.id, buffer, { autotrigger = true, convert = shown })
  vim.bo[buffer].completeopt = 'menuone,noselect,popup'
  type_over(buffer)
end

--- After an option is chosen: the list of its values.
function M.suggest()
  vim.schedule(vim.lsp.completion.get)
end

local function fold(buffer)
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    local options = vim.wo[window][0]
    options.foldmethod, options.foldexpr, options.foldlevel = 'expr', 'v:lua.vim.lsp.foldexpr()', 99
  end
end

local function refresh_lenses(buffer)
  vim.lsp.codelens.refresh({ bufnr = buffer })
  vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'TextChanged' }, {
    group = vim.api.nvim_create_augroup('promptlang' .. buffer, {}),
    buffer = buffer,
    callback = function()
      vim.lsp.codelens.refresh({ bufnr = buffer })
    end,
  })
end

--- Colours for words that count less or more, and for those of the negative prompt; a colour scheme may name them itself.
local groups = {
  PromptlangNegative = { link = 'DiagnosticError' },
  PromptlangWeaker = { link = 'Comment' },
  PromptlangStronger = { bold = true },
  PromptlangStrongest = { bold = true, underline = true },
}

local function colour()
  for group, look in pairs(groups) do
    vim.api.nvim_set_hl(0, group, vim.tbl_extend('force', { default = true }, look))
    local modifier = group:sub(#'Promptlang' + 1):lower()
    vim.api.nvim_set_hl(0, ('@lsp.mod.%s.promptlang'):format(modifier), { default = true, link = group })
  end
end

--- Have words coloured by what they count, now and after the colour scheme changes.
function M.highlight()
  colour()
  vim.api.nvim_create_autocmd('ColorScheme', {
    group = vim.api.nvim_create_augroup('promptlang colours', {}),
    callback = colour,
  })
end

--- Set a buffer up; called once for each.
function M.attach(client, buffer)
  if wanted('hints') then
    vim.lsp.inlay_hint.enable(true, { bufnr = buffer })
  end
  if wanted('lenses') then
    refresh_lenses(buffer)
  end
  if wanted('completion') then
    complete(client, buffer)
  end
  if wanted('folds') then
    fold(buffer)
  end
  if wanted('keys') then
    for key, use in pairs(keys) do
      vim.keymap.set({ 'n', 'v', 'i' }, key, function()
        M.run(use[1])
      end, { buffer = buffer, desc = 'promptlang: ' .. use[2] })
    end
  end
  vim.api.nvim_buf_create_user_command(buffer, 'Promptlang', function(command)
    M.run(command.args)
  end, {
    nargs = 1,
    range = true,
    complete = function(typed)
      local words = vim.tbl_filter(function(word)
        return vim.startswith(word, typed)
      end, vim.list_extend({ 'convert' }, vim.tbl_keys(actions)))
      table.sort(words)
      return words
    end,
  })
end

return M
