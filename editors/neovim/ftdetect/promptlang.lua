-- `.prompt` files are ours unless they open with front matter: those belong to Dotprompt.
-- A project file stays TOML, for which the server has words as well.
vim.filetype.add({
  filename = { ['promptlang.toml'] = 'toml.promptlang-project' },
  extension = {
    prompt = function(_, buffer)
      local first = buffer and vim.api.nvim_buf_get_lines(buffer, 0, 1, false)[1] or ''
      if not first:match('^%-%-%-%s*$') then
        return 'promptlang'
      end
    end,
  },
})
