// `.prompt` is also the ending of Dotprompt files, which open with front matter. Those are handed on.

import * as vscode from "vscode";

const FRONT_MATTER = /^---\s*$/;

export function stepBackFromDotprompt(): vscode.Disposable {
  vscode.workspace.textDocuments.forEach(stepBack);
  return vscode.workspace.onDidOpenTextDocument(stepBack);
}

async function stepBack(document: vscode.TextDocument): Promise<void> {
  if (document.languageId !== "promptlang" || !FRONT_MATTER.test(document.lineAt(0).text)) return;
  const known = await vscode.languages.getLanguages();
  await vscode.languages.setTextDocumentLanguage(document, known.includes("dotprompt") ? "dotprompt" : "markdown");
}
