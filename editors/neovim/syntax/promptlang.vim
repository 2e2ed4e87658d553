" Written by `make docs` from the tables; change those.
if exists('b:current_syntax')
  finish
endif

syntax match promptlangComment '\v^\s*#%(\s.*)?$'
syntax match promptlangUnknown '\v%(^|\s)@1<=/\a[[:alnum:]_-]*%(:|\s|$)@='
syntax match promptlangOption '\v\c%(^|\s)@1<=/%(arithmetic|blend|blend-adapter|blend-encoder|blend-strength|cfg|clipskip|control|control-end|control-image|control-net|control-start|control-strength|edition|format|freeu|guidance|hires|hires-steps|hires-strength|hires-upscaler|image|images|mask|parser|rescale|sampler|schedule|scheduler|seed|size|steps|strength|swap|true-cfg|vae|variants):@='
syntax match promptlangOption '\v\c%(^|\s)@1<=/%(karras|landscape|lpw|negative|nofix|portrait|tall|vass|wide)%(\s|$)@='
syntax match promptlangValue '\v%(/[[:alnum:]_-]+:)@<=\S+'
syntax match promptlangNumber '\v%(/[[:alnum:]_-]+:)@<=[0-9.][0-9.,|xX-]*%(\s|$)@='
syntax match promptlangCommand '\v\c^\s*/%(compare|recipe|remix|render|set)%(\s|$)@='
syntax match promptlangHosted '\v\c^\s*/%(api|bg|bots|cancel|community|compose|concept|conceptbrowser|concepts|control|debug|describe|edit|email|facelift|faceswap|highdef|inpaint|leaderboard|llm|makesong|more|outpaint|password|ping|polly|recipes|showprompt|skill|start|styles|trace|unified|upload|username|webui|wf|workflow|workflows)%(\s|$)@='
syntax match promptlangRecipe '\v%(^|\s)@1<=#\a[[:alnum:]_-]*'
syntax match promptlangConcept '\v\<[^<>:[:space:]/][^<>]*\>'
syntax match promptlangWeight '\v:\s*[-+]?[0-9.]+\s*[)\]>]@='
syntax match promptlangWord '\v<%(AND|BREAK)>|\$prompt>'
syntax match promptlangWildcard '\v__[[:alnum:]_./*-]{-1,}__'
syntax match promptlangEscape '\v\\[\\/#()\[\]<>{}:|+-]'

highlight default link promptlangComment Comment
highlight default link promptlangUnknown Identifier
highlight default link promptlangOption Identifier
highlight default link promptlangValue String
highlight default link promptlangNumber Number
highlight default link promptlangCommand Statement
highlight default link promptlangHosted Ignore
highlight default link promptlangRecipe Function
highlight default link promptlangConcept Type
highlight default link promptlangWeight Number
highlight default link promptlangWord Keyword
highlight default link promptlangWildcard Macro
highlight default link promptlangEscape SpecialChar

let b:current_syntax = 'promptlang'
