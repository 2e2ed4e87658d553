// The status item: how many tokens the statement at the cursor takes, and in how many chunks.

import * as vscode from "vscode";
import { LanguageClient, State } from "vscode-languageclient/node";

const QUIET = 120; // milliseconds without a key before the server is asked

interface Tokens {
  positive: number;
  negative: number;
  chunks: number;
  chunk: number;
}

export function tokenStatus(client: () => LanguageClient | undefined): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("promptlang.tokens", vscode.StatusBarAlignment.Right, 100);
  item.name = "promptlang tokens";
  let waiting: NodeJS.Timeout | undefined;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => void show(item, client()), QUIET);
  };
  soon();
  return vscode.Disposable.from(
    item,
    { dispose: () => clearTimeout(waiting) },
    vscode.window.onDidChangeActiveTextEditor(soon),
    vscode.window.onDidChangeTextEditorSelection(soon),
    vscode.workspace.onDidChangeTextDocument(soon),
    vscode.workspace.onDidChangeConfiguration(soon),
  );
}

async function show(item: vscode.StatusBarItem, client: LanguageClient | undefined): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const wanted = vscode.workspace.getConfiguration("promptlang").get<boolean>("status.tokens");
  const ready = client?.state === State.Running && editor?.document.languageId === "promptlang";
  const tokens = wanted && ready ? await counted(client, editor) : undefined;
  if (!tokens) return item.hide();
  const { positive, negative, chunks, chunk } = tokens;
  item.text = `${positive}/${chunks * chunk} tokens`;
  const rows = [`**${positive}** tokens in the prompt`, `**${negative}** in the negative prompt`];
  const edge = chunks > 1 ? `${chunks} chunks of ${chunk}, each encoded by itself` : `one chunk holds ${chunk}`;
  item.tooltip = new vscode.MarkdownString([...rows, edge].join("\n\n"));
  item.show();
}

/** The counts, or nothing where the server is busy or the statement is gone: the next key asks again. */
async function counted(client: LanguageClient, editor: vscode.TextEditor): Promise<Tokens | undefined> {
  const uri = client.code2ProtocolConverter.asUri(editor.document.uri);
  const params = { command: "promptlang.tokens", arguments: [uri, editor.selection.active.line] };
  return client.sendRequest<Tokens>("workspace/executeCommand", params).catch(() => undefined);
}
