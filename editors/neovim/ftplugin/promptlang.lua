vim.bo.commentstring = '# %s'
vim.bo.comments = ':#'
vim.opt_local.wrap = true -- a prompt is one long line
vim.opt_local.linebreak = true
vim.opt_local.matchpairs:append('<:>')
vim.b.undo_ftplugin = 'setlocal commentstring< comments< wrap< linebreak< matchpairs<'
