// The editor: what is typed, undone, folded and searched. What words mean, the server knows.

import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, toggleComment } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension, Prec } from "@codemirror/state";
import { EditorView, drawSelection, dropCursor, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";

const BRACKETS = ["(", "[", "{"];

export function editor(parent: HTMLElement, text: string, more: Extension): EditorView {
  return new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        more,
        lineNumbers(),
        highlightActiveLineGutter(),
        highlightActiveLine(),
        history(),
        drawSelection(),
        dropCursor(),
        EditorView.lineWrapping,
        EditorState.allowMultipleSelections.of(true),
        EditorState.languageData.of(() => [{ commentTokens: { line: "#" }, closeBrackets: { brackets: BRACKETS, before: ")]}>,;:" } }]),
        bracketMatching(),
        highlightSelectionMatches({ minSelectionLength: 2 }),
        // What is escaped opens nothing.
        Prec.high(EditorView.inputHandler.of((view, from, to, typed, insert) => {
          if (!BRACKETS.includes(typed) || from !== to || view.state.sliceDoc(from - 1, from) !== "\\") return false;
          view.dispatch(insert());
          return true;
        })),
        closeBrackets(),
        keymap.of([{ key: "Mod-/", run: toggleComment }, ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({ "aria-label": "Prompt", autocapitalize: "off", autocorrect: "off", spellcheck: "false", translate: "no" }),
      ],
    }),
  });
}
