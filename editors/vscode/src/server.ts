// The language client: how the server is started, which settings it is told, and how its pictures are shown.

import * as vscode from "vscode";
import { LanguageClient, LanguageClientOptions, ServerOptions, TransportKind } from "vscode-languageclient/node";

const INSTALL = 'pip install "promptlang-diffusion[lsp]"';
const PICTURE = /\.(png|jpe?g|webp)$/i;
// Settings that are the extension's own; the server would call them unknown.
const OURS = ["server", "status", "trace"];

export function client(log: vscode.LogOutputChannel): LanguageClient {
  const [command, ...args] = serverCommand();
  const server: ServerOptions = { command, args, transport: TransportKind.stdio };
  const options: LanguageClientOptions = {
    documentSelector: [
      { scheme: "file", language: "promptlang" },
      { scheme: "untitled", language: "promptlang" },
    ],
    outputChannel: log,
    initializationOptions: serverSettings(vscode.workspace.getConfiguration().get("promptlang")),
    middleware: {
      workspace: {
        configuration: async (params, token, next) => {
          const answer = await next(params, token);
          return Array.isArray(answer) ? answer.map(serverSettings) : answer;
        },
      },
      window: {
        showDocument: async (params, next) => {
          if (!PICTURE.test(params.uri)) {
            const answer = await next(params, new vscode.CancellationTokenSource().token);
            return "success" in answer ? answer : { success: false };
          }
          await vscode.commands.executeCommand("vscode.open", vscode.Uri.parse(params.uri), {
            viewColumn: vscode.ViewColumn.Beside,
            preserveFocus: true,
          });
          return { success: true };
        },
      },
    },
  };
  return new LanguageClient("promptlang", "promptlang", server, options);
}

/** Say what to do when the server does not start. */
export async function explainFailure(): Promise<void> {
  const [command] = serverCommand();
  const copy = "Copy the Install Command";
  const settings = "Open Settings";
  const message = `promptlang: cannot start the language server \`${command}\`. Install it with ${INSTALL}, or say where it is.`;
  const answer = await vscode.window.showErrorMessage(message, copy, settings);
  if (answer === copy) await vscode.env.clipboard.writeText(INSTALL);
  if (answer === settings) await vscode.commands.executeCommand("workbench.action.openSettings", "promptlang.server.command");
}

function serverCommand(): string[] {
  const written = vscode.workspace.getConfiguration("promptlang").get<string[]>("server.command") ?? [];
  return written.length > 0 ? written : ["promptlang-lsp"];
}

function serverSettings(settings: unknown): unknown {
  if (settings === null || typeof settings !== "object") return settings;
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !OURS.includes(name)));
}
