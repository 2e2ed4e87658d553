// Between the protocol, which counts lines and characters, and the editor, which counts from the start of the text.

import type { ChangeSpec, Text } from "@codemirror/state";

export interface Position { line: number; character: number }
export interface Range { start: Position; end: Position }
export interface TextEdit { range: Range; newText: string }

export function position(text: Text, offset: number): Position {
  const line = text.lineAt(offset);
  return { line: line.number - 1, character: offset - line.from };
}

export const range = (text: Text, from: number, to: number): Range => ({ start: position(text, from), end: position(text, to) });

export function offset(text: Text, at: Position): number {
  if (at.line >= text.lines) return text.length;
  const line = text.line(at.line + 1);
  return Math.min(line.from + at.character, line.to);
}

export const span = (text: Text, place: Range): { from: number; to: number } => ({ from: offset(text, place.start), to: offset(text, place.end) });

export const changes = (text: Text, edits: TextEdit[]): ChangeSpec[] =>
  edits.map((each) => ({ ...span(text, each.range), insert: each.newText }));

/** The edits of one document in a workspace edit, whichever of its two shapes it has. */
export function editsOf(edit: any, uri: string): TextEdit[] {
  if (edit?.documentChanges) {
    return edit.documentChanges.filter((each: any) => each.textDocument?.uri === uri).flatMap((each: any) => each.edits ?? []);
  }
  return edit?.changes?.[uri] ?? [];
}
