// The language client: how the server is started, which settings it is told, and where its pictures and plans are shown.

import { ChildProcess, spawn } from "node:child_process";

import * as vscode from "vscode";
import {
  DidChangeConfigurationNotification, ErrorHandler, LanguageClient, LanguageClientOptions, RevealOutputChannelOn,
} from "vscode-languageclient/node";

import { cancellableProgress } from "./progress";

const INSTALL = 'pip install "promptlang-diffusion[lsp]"';
const PATIENCE = 60_000; // milliseconds until a server that says nothing is taken for something else
// Settings that are the extension's own; the server would call them unknown.
const OURS = ["server", "status", "trace"];

/** A client that leaves it to `explainFailure` to say that its server does not start: one pop-up, with what to do. */
export class Client extends LanguageClient {
  process: ChildProcess | undefined;
  private hasRun = false;

  override async start(): Promise<void> {
    const patience = setTimeout(() => this.process?.kill(), PATIENCE);
    await super.start().finally(() => clearTimeout(patience));
    this.hasRun = true;
  }

  /** What does not run cannot be stopped; the library tries to, and complains that it cannot. */
  override async stop(timeout?: number): Promise<void> {
    if (this.isRunning()) await super.stop(timeout);
  }

  override error(message: string, data?: unknown, show?: boolean | "force"): void {
    super.error(message, data, this.hasRun && show === "force" ? "force" : false);
  }

  /** A server that ends before it has answered makes `start` fail, and nothing else. */
  override createDefaultErrorHandler(mostRestarts?: number): ErrorHandler {
    const usual = super.createDefaultErrorHandler(mostRestarts);
    return {
      error: (error, message, count) => usual.error(error, message, count),
      closed: () => (this.hasRun ? usual.closed() : new Promise(() => undefined)),
    };
  }
}

export function client(log: vscode.LogOutputChannel): Client {
  const server = async (): Promise<ChildProcess> => (client.process = await started(log));
  const client: Client = new Client("promptlang", "promptlang", server, clientOptions(() => client, log));
  return client;
}

/** Say what to do when the server does not start. */
export async function explainFailure(): Promise<void> {
  const [command] = serverCommand();
  const copy = "Copy the Install Command";
  const settings = "Open Settings";
  const log = "Show the Log";
  const message = `promptlang: cannot start the language server \`${command}\`. Install it with ${INSTALL}, or say where it is.`;
  const answer = await vscode.window.showErrorMessage(message, copy, settings, log);
  if (answer === copy) await vscode.env.clipboard.writeText(INSTALL);
  if (answer === settings) await vscode.commands.executeCommand("workbench.action.openSettings", "promptlang.server.command");
  if (answer === log) await vscode.commands.executeCommand("promptlang.showLog");
}

function started(log: vscode.LogOutputChannel): Promise<ChildProcess> {
  const [command, ...args] = serverCommand();
  const process = spawn(command, args, { cwd: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath });
  process.once("exit", (code, signal) => log.info(`\`${command}\` ended: ${code ?? signal}`));
  return new Promise((resolve, reject) => {
    process.once("spawn", () => resolve(process));
    process.once("error", reject);
  });
}

function clientOptions(client: () => Client, log: vscode.LogOutputChannel): LanguageClientOptions {
  return {
    documentSelector: [
      { scheme: "file", language: "promptlang" },
      { scheme: "untitled", language: "promptlang" },
      { scheme: "file", pattern: "**/promptlang.toml" },
    ],
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never, // the editor shows why a command failed; once is enough
    initializationFailedHandler: () => false,
    initializationOptions: serverSettings(vscode.workspace.getConfiguration().get("promptlang")),
    middleware: {
      handleWorkDoneProgress: cancellableProgress(client),
      workspace: {
        configuration: async (params, token, next) => {
          const answer = await next(params, token);
          return Array.isArray(answer) ? answer.map(serverSettings) : answer;
        },
        // Without settings in it the server asks for them, and what is ours is left out of that answer.
        didChangeConfiguration: () => client().sendNotification(DidChangeConfigurationNotification.type, { settings: null }),
      },
      window: {
        showDocument: async (params) => {
          const beside = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
          const shown = vscode.commands.executeCommand("vscode.open", vscode.Uri.parse(params.uri), beside);
          return shown.then(() => ({ success: true }), () => ({ success: false }));
        },
      },
    },
  };
}

function serverCommand(): string[] {
  const written = vscode.workspace.getConfiguration("promptlang").get<string[]>("server.command") ?? [];
  return written.length > 0 ? written : ["promptlang-lsp"];
}

function serverSettings(settings: unknown): unknown {
  if (settings === null || typeof settings !== "object") return settings;
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !OURS.includes(name)));
}
