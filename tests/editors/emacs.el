;;; emacs.el --- Drives Emacs with Eglot on a real file  -*- lexical-binding: t; -*-

;; Run by test_emacs.py in batch; writes what was seen to the file in $SEEN as JSON.

;;; Code:

(require 'package)
(package-initialize)
(require 'json)
(add-to-list 'load-path (getenv "MODE"))
(require 'promptlang-mode)

(defvar seen nil)
(defconst limit 60 "Seconds; a slow machine is no failure.")

(defun saw (name value)
  (push (cons name value) seen))

(defun await (what ready)
  (let ((end (+ (float-time) limit)))
    (while (not (funcall ready))
      (when (> (float-time) end) (error "Waited %s s in vain for %s" limit what))
      (accept-process-output nil 0.05))))

(defun codes ()
  (delq nil (mapcar (lambda (each)
                      (let ((text (flymake-diagnostic-text each)))
                        (and (string-match "[a-z-]+/[a-z-]+" text) (match-string 0 text))))
                    (flymake-diagnostics))))

(defun drive ()
  (setq promptlang-server-command (append (json-parse-string (getenv "SERVER") :array-type 'list) nil)
        eglot-sync-connect limit
        eglot-connect-timeout limit
        eglot-confirm-server-initiated-edits nil)
  (find-file (getenv "DOTPROMPT"))
  (saw 'dotprompt (symbol-name major-mode))
  (find-file (getenv "PROMPT"))
  (saw 'mode (symbol-name major-mode))
  (font-lock-ensure)
  (search-forward "/clipskip")
  (saw 'face (symbol-name (get-text-property (1- (point)) 'face)))
  (call-interactively #'eglot)
  (flymake-mode 1)
  (flymake-start)
  (await "diagnostics" (lambda () (member "parser/unknown-value" (codes))))
  (saw 'diagnostics (vconcat (codes)))
  (let ((answer (jsonrpc-request (eglot--current-server-or-lose) :textDocument/hover
                                 (eglot--TextDocumentPositionParams) :timeout limit)))
    (saw 'hover (plist-get (plist-get answer :contents) :value)))
  (goto-char (point-max))
  (insert "/render /sampl")
  (saw 'completion (vconcat (mapcar #'substring-no-properties
                                    (let ((found (eglot-completion-at-point)))
                                      (all-completions "/sampl" (nth 2 found))))))
  (delete-region (line-beginning-position) (point-max))
  (goto-char (point-min))
  (search-forward "cow")
  (promptlang-heavier)
  (await "the weight" (lambda () (save-excursion (goto-char (point-min)) (search-forward "1.4" nil t))))
  (saw 'heavier (buffer-string))
  (eglot-rename-at "#corner" "edge")
  (saw 'renamed (buffer-string))
  (eglot-format-buffer)
  (saw 'formatted (buffer-string))
  (goto-char (point-max))
  (insert "\n/render /parser:a1111 red hat, tall tree, dusk\n")
  (search-backward "hat")
  (call-interactively (key-binding (kbd "M-<right>")))
  (await "the move" (lambda () (save-excursion (goto-char (point-min)) (search-forward "tall tree, red hat, dusk" nil t))))
  (saw 'moved t)
  (goto-char (point-min))
  (search-forward "red ha")
  (call-interactively (key-binding (kbd "C-c C-/")))
  (await "the comment" (lambda () (save-excursion (goto-char (point-min)) (search-forward "# off: red hat" nil t))))
  (saw 'toggled (buffer-string)))

(defun eglot-rename-at (needle name)
  "Rename what stands at NEEDLE to NAME."
  (goto-char (point-min))
  (search-forward needle)
  (backward-char 2)
  (eglot-rename name))

(condition-case problem
    (drive)
  (error (saw 'problem (error-message-string problem))))
(with-temp-file (getenv "SEEN")
  (insert (json-serialize seen)))
(set-buffer-modified-p nil)
(kill-emacs 0)

;;; emacs.el ends here
