;;; promptlang-words.el --- Words of promptlang  -*- lexical-binding: t; -*-

;; Written by `make docs` from the tables; change those.

;;; Code:

(defconst promptlang-commands
  '("compare" "recipe" "remix" "render" "set")
  "Commands of this language.")

(defconst promptlang-hosted-commands
  '("api" "bg" "bots" "cancel" "community" "compose" "concept" "conceptbrowser" "concepts" "control" "debug" "describe" "edit" "email" "facelift" "faceswap" "highdef" "inpaint" "leaderboard" "llm" "makesong" "more" "outpaint" "password" "ping" "polly" "recipes" "showprompt" "skill" "start" "styles" "trace" "unified" "upload" "username" "webui" "wf" "workflow" "workflows")
  "Commands of the hosted service, which make no picture here.")

(defconst promptlang-options
  '("arithmetic" "blend" "blend-adapter" "blend-encoder" "blend-strength" "cfg" "clipskip" "control" "control-end" "control-image" "control-net" "control-start" "control-strength" "edition" "format" "freeu" "guidance" "hires" "hires-steps" "hires-strength" "hires-upscaler" "image" "images" "mask" "parser" "rescale" "sampler" "schedule" "scheduler" "seed" "size" "steps" "strength" "swap" "true-cfg" "vae" "variants")
  "Options with a value.")

(defconst promptlang-flags
  '("karras" "landscape" "lpw" "negative" "nofix" "portrait" "tall" "vass" "wide")
  "Options without a value.")

(provide 'promptlang-words)

;;; promptlang-words.el ends here
