// Between the protocol, which counts from 0, and the editor, which counts from 1.

import * as monaco from "monaco-editor/esm/vs/editor/editor.api";

export interface Position { line: number; character: number }
export interface Range { start: Position; end: Position }
export interface TextEdit { range: Range; newText: string }

export const position = (at: monaco.IPosition): Position => ({ line: at.lineNumber - 1, character: at.column - 1 });

export const range = (place: monaco.IRange): Range => ({
  start: { line: place.startLineNumber - 1, character: place.startColumn - 1 },
  end: { line: place.endLineNumber - 1, character: place.endColumn - 1 },
});

export const editorPosition = (at: Position): monaco.IPosition => ({ lineNumber: at.line + 1, column: at.character + 1 });

export const editorRange = (place: Range): monaco.IRange => ({
  startLineNumber: place.start.line + 1,
  startColumn: place.start.character + 1,
  endLineNumber: place.end.line + 1,
  endColumn: place.end.character + 1,
});

export const editorEdit = (edit: TextEdit) => ({ range: editorRange(edit.range), text: edit.newText });

/** The edits of one document in a workspace edit, whichever of its two shapes it has. */
export function editsOf(edit: any): TextEdit[] {
  if (edit?.documentChanges) return edit.documentChanges.flatMap((each: any) => each.edits ?? []);
  return Object.values<TextEdit[]>(edit?.changes ?? {}).flat();
}

export const markdown = (content: any): monaco.IMarkdownString =>
  typeof content === "string" ? { value: content } : { value: content?.value ?? "" };

const SEVERITIES = [0, monaco.MarkerSeverity.Error, monaco.MarkerSeverity.Warning, monaco.MarkerSeverity.Info, monaco.MarkerSeverity.Hint];

export const marker = (found: any): monaco.editor.IMarkerData => ({
  ...editorRange(found.range),
  severity: SEVERITIES[found.severity ?? 3],
  message: found.message,
  source: "promptlang",
  code: found.code,
  tags: found.tags,
});

const KINDS = monaco.languages.CompletionItemKind;
/** The protocol's kinds of completion items, from 1, in the editor's numbers. */
export const ITEM_KINDS = [
  KINDS.Text, KINDS.Text, KINDS.Method, KINDS.Function, KINDS.Constructor, KINDS.Field, KINDS.Variable, KINDS.Class,
  KINDS.Interface, KINDS.Module, KINDS.Property, KINDS.Unit, KINDS.Value, KINDS.Enum, KINDS.Keyword, KINDS.Snippet,
  KINDS.Color, KINDS.File, KINDS.Reference, KINDS.Folder, KINDS.EnumMember, KINDS.Constant, KINDS.Struct, KINDS.Event,
  KINDS.Operator, KINDS.TypeParameter,
];
