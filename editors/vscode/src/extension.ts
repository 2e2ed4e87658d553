// Starts the server, and gives its commands the text and the line at the cursor.

import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/node";

import { stepBackFromDotprompt } from "./dotprompt";
import { client as newClient, explainFailure } from "./server";
import { tokenStatus } from "./status";

const HERE = ["render", "showPlan", "fixAll", "increaseWeight", "decreaseWeight", "debugInformation"] as const;

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("promptlang", { log: true });
  context.subscriptions.push(log, stepBackFromDotprompt(), tokenStatus(() => client));
  for (const name of HERE) {
    context.subscriptions.push(vscode.commands.registerCommand(`promptlang.here.${name}`, () => runHere(name)));
  }
  context.subscriptions.push(
    vscode.commands.registerCommand("promptlang.showLog", () => log.show()),
    vscode.commands.registerCommand("promptlang.restart", () => restart(log)),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("promptlang.server.command")) void restart(log);
    }),
  );
  await start(log);
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

async function start(log: vscode.LogOutputChannel): Promise<void> {
  client = newClient(log);
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    log.error(String(error));
    await explainFailure();
  }
}

async function restart(log: vscode.LogOutputChannel): Promise<void> {
  await client?.dispose();
  await start(log);
}

/** Run a command of the server for the text in front of the person. */
async function runHere(name: (typeof HERE)[number]): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!client || editor?.document.languageId !== "promptlang") return;
  const uri = client.code2ProtocolConverter.asUri(editor.document.uri);
  const where = name.endsWith("Weight") ? client.code2ProtocolConverter.asRange(editor.selection) : editor.selection.active.line;
  const answer = await vscode.commands.executeCommand(`promptlang.${name}`, uri, where);
  if (name === "debugInformation") {
    const content = JSON.stringify(answer, null, 2);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "json", content }));
  }
}
