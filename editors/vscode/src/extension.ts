// Starts the server, and starts it again.

import * as vscode from "vscode";

import { typedOver } from "./closing";
import { stepBackFromDotprompt } from "./dotprompt";
import { commandsHere } from "./here";
import { Client, client as newClient, explainFailure } from "./server";
import { tokenStatus } from "./status";

let client: Client | undefined;
let log: vscode.LogOutputChannel;
let turn: Promise<void> = Promise.resolve();

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  log = vscode.window.createOutputChannel("promptlang", { log: true });
  context.subscriptions.push(
    stepBackFromDotprompt(),
    tokenStatus(() => client),
    commandsHere(() => client),
    typedOver(),
    vscode.commands.registerCommand("promptlang.showLog", () => log.show()),
    vscode.commands.registerCommand("promptlang.restart", restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("promptlang.server.command")) void restart();
    }),
  );
  await restart();
}

/** The client writes to the log until it has stopped, so the log is no subscription: those go first. */
export async function deactivate(): Promise<void> {
  await turn;
  await stop();
  log.dispose();
}

/** One after the other, however quickly they are asked for: two servers would answer everything twice. */
function restart(): Promise<void> {
  turn = turn.then(stop).then(start);
  return turn;
}

async function start(): Promise<void> {
  client = newClient(log);
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    log.error(String(error));
    void explainFailure();
  }
}

async function stop(): Promise<void> {
  await client?.dispose().catch((error: unknown) => log.error(String(error)));
  client = undefined;
}
