// Colours of the page's editor; weights show as light: what counts less fades, what counts more glows.

import * as monaco from "monaco-editor/esm/vs/editor/editor.api";

const TEXT = "d9d4ee";
const NEGATIVE = "f28b9b";

export const THEME = "promptlang";

export function defineTheme(): void {
  monaco.editor.defineTheme(THEME, {
    base: "vs-dark",
    inherit: true,
    rules: [
      { token: "", foreground: TEXT },
      { token: "keyword", foreground: "ff7aa2", fontStyle: "bold" },
      { token: "keyword.deprecated", foreground: "8f86ad", fontStyle: "strikethrough" },
      { token: "property", foreground: "8fb8ff" },
      { token: "property.unknown", foreground: "8fb8ff", fontStyle: "italic" },
      { token: "number", foreground: "ffc978" },
      { token: "enumMember", foreground: "7fdcc0" },
      { token: "class", foreground: "c7a6ff" },
      { token: "function", foreground: "7fdcc0" },
      { token: "macro", foreground: "e6a8ff" },
      { token: "comment", foreground: "736a94", fontStyle: "italic" },
      { token: "operator", foreground: "9a90bd" },
      { token: "operator.negative", foreground: NEGATIVE },
      { token: "string.weaker", foreground: "918aac" },
      { token: "string.stronger", foreground: "fff1d6" },
      { token: "string.strongest", foreground: "fff1d6", fontStyle: "bold" },
      { token: "string.negative", foreground: NEGATIVE },
      { token: "string.negative.weaker", foreground: "b0707f" },
      { token: "string.negative.strongest", foreground: NEGATIVE, fontStyle: "bold" },
    ],
    colors: {
      "editor.background": "#141024",
      "editor.foreground": `#${TEXT}`,
      "editor.lineHighlightBackground": "#1d1733",
      "editor.selectionBackground": "#4a3a8a88",
      "editorLineNumber.foreground": "#4b4370",
      "editorLineNumber.activeForeground": "#a79bd6",
      "editorCursor.foreground": "#ffb45c",
      "editorInlayHint.background": "#2a214b",
      "editorInlayHint.foreground": "#b7a9ee",
      "editorCodeLens.foreground": "#8478b3",
      "editorWidget.background": "#1c1633",
      "editorWidget.border": "#352b5c",
      "editorHoverWidget.background": "#1c1633",
      "editorHoverWidget.border": "#352b5c",
      "editorSuggestWidget.background": "#1c1633",
      "editorSuggestWidget.border": "#352b5c",
      "editorSuggestWidget.selectedBackground": "#3a2f6b",
      "focusBorder": "#6f5ce0",
      "scrollbarSlider.background": "#3a306688",
    },
  });
}
