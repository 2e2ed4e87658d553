// Commands of the server, for the text and the line at the cursor.

import * as vscode from "vscode";

import { Client, explainFailure } from "./server";

const CHANGES = ["increaseWeight", "decreaseWeight", "moveTagLeft", "moveTagRight", "toggleTag"] as const;
const HERE = ["render", "showPlan", "fixAll", ...CHANGES, "debugInformation"] as const;
const LONGEST = 5000; // milliseconds until an edit that was promised is waited for no longer

type Name = (typeof HERE)[number];

/** One after the other: a key that is held asks for the next step before the text has the last one. */
export function commandsHere(client: () => Client | undefined): vscode.Disposable {
  let turn: Promise<void> = Promise.resolve();
  const inTurn = (name: Name) => {
    const run = turn.then(() => runHere(name, client()));
    turn = run.catch(() => undefined); // the editor shows why
    return run;
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand("promptlang.convert", convert),
    ...HERE.map((name) => vscode.commands.registerCommand(`promptlang.here.${name}`, () => inTurn(name))),
  );
}

async function runHere(name: Name, client: Client | undefined): Promise<void> {
  if (!client) return explainFailure();
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId !== "promptlang") return;
  const { document, selection } = editor;
  const uri = client.code2ProtocolConverter.asUri(document.uri);
  const changes = (CHANGES as readonly string[]).includes(name);
  const where = changes ? client.code2ProtocolConverter.asRange(selection) : selection.active.line;
  const before = document.version;
  const answer = await vscode.commands.executeCommand(`promptlang.${name}`, uri, where);
  if (changes && answer) await changed(document, before);
  if (name === "debugInformation") await showJson(answer);
}

/** A menu of every dialect that the statement at the cursor can be written in. */
async function convert(): Promise<void> {
  await vscode.commands.executeCommand("editor.action.codeAction", { kind: "refactor.rewrite.convert", apply: "never" });
}

/** The server answers a command before the editor has made the edit that it asked for. */
async function changed(document: vscode.TextDocument, before: number): Promise<void> {
  if (document.version !== before) return;
  await new Promise<void>((resolve) => {
    const done = () => (clearTimeout(longest), listening.dispose(), resolve());
    const longest = setTimeout(done, LONGEST);
    const listening = vscode.workspace.onDidChangeTextDocument((change) => change.document === document && done());
  });
}

async function showJson(value: unknown): Promise<void> {
  const content = JSON.stringify(value, null, 2);
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "json", content }));
}
