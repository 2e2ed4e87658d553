;;; promptlang-mode.el --- Stable Diffusion prompts  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1") (eglot "1.9"))
;; Keywords: languages

;;; Commentary:

;; Colours, comments and words of `.prompt' files, and the language server through Eglot:
;;
;;   (require 'promptlang-mode)
;;   (add-hook 'promptlang-mode-hook #'eglot-ensure)
;;
;; Files that open with `---' are Dotprompt files and stay in the mode they would have had.

;;; Code:

(require 'promptlang-words)
(require 'eglot)

(defgroup promptlang nil
  "Stable Diffusion prompts."
  :group 'languages)

(defcustom promptlang-server-command '("promptlang-lsp")
  "How to start the language server."
  :type '(repeat string))

(defconst promptlang--start "^[ \t]*\\(/%s\\)\\(?:[ \t]\\|$\\)")

(defun promptlang--option (names end)
  "A pattern for `/name' with one of NAMES, followed by END."
  (concat "\\(?:^\\|[ \t]\\)\\(/" (regexp-opt names t) "\\)" end))

(defconst promptlang-font-lock-keywords
  `(("^[ \t]*#\\(?:[ \t].*\\)?$" 0 font-lock-comment-face t)
    (,(format promptlang--start (regexp-opt promptlang-commands t)) 1 font-lock-keyword-face)
    (,(format promptlang--start (regexp-opt promptlang-hosted-commands t)) 1 font-lock-doc-face)
    (,(concat (promptlang--option promptlang-options ":") "\\([^ \t\n]*\\)")
     (1 font-lock-variable-name-face) (3 font-lock-constant-face))
    (,(promptlang--option promptlang-flags "\\(?:[ \t]\\|$\\)") 1 font-lock-variable-name-face)
    ("\\(?:^\\|[ \t]\\)\\(#[[:alpha:]][[:alnum:]_-]*\\)" 1 font-lock-function-name-face)
    ("<[^<>:/ \t\n][^<>\n]*>" . font-lock-type-face)
    (":[ \t]*\\([-+]?[0-9.]+\\)[ \t]*[])]" 1 font-lock-constant-face)
    ("\\_<\\(?:AND\\|BREAK\\)\\_>\\|\\$prompt\\_>" . font-lock-builtin-face)
    ("__[[:alnum:]_./*-]+?__" . font-lock-preprocessor-face))
  "What is coloured before the server has spoken.")

(defvar promptlang-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?< "(>" table)
    (modify-syntax-entry ?> ")<" table)
    (modify-syntax-entry ?' "w" table)
    (modify-syntax-entry ?\" "." table) ; inches, not the beginning of a string
    table))

(defun promptlang--change (command)
  "Run the server's COMMAND on the region or the words at point."
  (let* ((server (eglot--current-server-or-lose))
         (beg (if (use-region-p) (region-beginning) (point)))
         (end (if (use-region-p) (region-end) (point)))
         (range (list :start (eglot--pos-to-lsp-position beg) :end (eglot--pos-to-lsp-position end)))
         (uri (plist-get (eglot--TextDocumentIdentifier) :uri)))
    (eglot--signal-textDocument/didChange)
    (eglot-execute-command server command (vector uri range))))

(defun promptlang-heavier ()
  "Make the words at point heavier."
  (interactive)
  (promptlang--change "promptlang.increaseWeight"))

(defun promptlang-lighter ()
  "Make the words at point lighter."
  (interactive)
  (promptlang--change "promptlang.decreaseWeight"))

(defun promptlang-tag-left ()
  "Exchange the tag at point with the one to its left."
  (interactive)
  (promptlang--change "promptlang.moveTagLeft"))

(defun promptlang-tag-right ()
  "Exchange the tag at point with the one to its right."
  (interactive)
  (promptlang--change "promptlang.moveTagRight"))

(defun promptlang-toggle-tag ()
  "Switch the tag at point off, or on again."
  (interactive)
  (promptlang--change "promptlang.toggleTag"))

(defvar promptlang-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "C-<up>") #'promptlang-heavier)
    (define-key map (kbd "C-<down>") #'promptlang-lighter)
    (define-key map (kbd "M-<left>") #'promptlang-tag-left)
    (define-key map (kbd "M-<right>") #'promptlang-tag-right)
    (define-key map (kbd "C-c C-/") #'promptlang-toggle-tag)
    map))

;;;###autoload
(define-derived-mode promptlang-mode prog-mode "Prompt"
  "Major mode for Stable Diffusion prompts.

Turning it on runs the hook `promptlang-mode-hook'.

\\{promptlang-mode-map}"
  (setq-local comment-start "# "
              comment-start-skip "#[ \t]+"
              comment-end ""
              font-lock-defaults '(promptlang-font-lock-keywords t t))
  (visual-line-mode))

;;;###autoload
(defun promptlang-mode-maybe ()
  "Use `promptlang-mode', but leave Dotprompt files alone.
Those open with front matter."
  (if (save-excursion (goto-char (point-min)) (looking-at-p "---[ \t]*$"))
      (fundamental-mode)
    (promptlang-mode)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.prompt\\'" . promptlang-mode-maybe))

(add-to-list 'eglot-server-programs
             `(promptlang-mode . ,(lambda (&rest _) promptlang-server-command)))

(provide 'promptlang-mode)

;;; promptlang-mode.el ends here
