// The `>` behind a LoRA whose strength is filled in is typed over: VS Code does that with signs that it wrote itself alone.

import * as vscode from "vscode";

const TRIES = 40; // while somebody types on
const PAUSE = 10; // milliseconds
const CALL = /withLora\([^()]*$/;

export function typedOver(): vscode.Disposable {
  return vscode.workspace.onDidChangeTextDocument(({ document, contentChanges, reason }) => {
    const editor = vscode.window.activeTextEditor;
    const [change] = contentChanges;
    if (editor?.document !== document || document.languageId !== "promptlang" || reason || contentChanges.length !== 1) return;
    const { start } = change.range;
    const line = document.lineAt(start.line).text;
    if (change.range.isSingleLine && isDoubled(line.slice(0, start.character), change.text, line.slice(start.character + 1))) {
      void takeOut(editor, change.rangeOffset + 1, change.rangeLength === 1);
    }
  });
}

/** Whether a sign closes what the same sign behind it closes already. */
function isDoubled(before: string, typed: string, behind: string): boolean {
  if (typed === ")") return behind.startsWith(")") && CALL.test(before);
  if (typed !== ">" || !behind.startsWith(">")) return false;
  const opened = before.match(/<(?=\S)|>/g)?.reduce((depth, sign) => Math.max(0, depth + (sign === "<" ? 1 : -1)), 0) ?? 0;
  return opened > 0 && opened <= (behind.match(/^>+/)?.[0].length ?? 0);
}

/** Delete the sign at an offset; a strength that was selected, and that the first of them took away, comes back. */
async function takeOut(editor: vscode.TextEditor, at: number, wasSelected: boolean): Promise<void> {
  const { document } = editor;
  let place = at;
  const following = vscode.workspace.onDidChangeTextDocument((event) => {
    if (event.document !== document) return;
    for (const { rangeOffset, rangeLength, text } of event.contentChanges) {
      if (rangeOffset <= place) place += text.length - rangeLength;
    }
  });
  const edit = (builder: vscode.TextEditorEdit) => {
    const sign = document.positionAt(place);
    builder.delete(new vscode.Range(sign, sign.translate(0, 1)));
    const typed = document.positionAt(at - 1);
    if (wasSelected && /[:,] ?$/.test(document.lineAt(typed.line).text.slice(0, typed.character))) builder.insert(typed, "1");
  };
  for (let tries = 0; tries < TRIES; tries++) {
    if (await editor.edit(edit, { undoStopBefore: false, undoStopAfter: false })) break;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  following.dispose();
}
