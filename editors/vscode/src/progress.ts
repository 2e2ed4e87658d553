// Work that can be cancelled is a notification with a button; the library shows all work in the status bar, where none fits.

import * as vscode from "vscode";
import { LanguageClient, Middleware, ProgressToken, State, WorkDoneProgressCancelNotification } from "vscode-languageclient/node";

interface Shown {
  report(message: string | undefined): void;
  end(): void;
}

export function cancellableProgress(client: () => LanguageClient): NonNullable<Middleware["handleWorkDoneProgress"]> {
  const running = new Map<ProgressToken, Shown>();
  return (token, step, next) => {
    if (step.kind === "begin" && step.cancellable) return void running.set(token, show(client(), token, step.title));
    const shown = running.get(token);
    if (shown && step.kind === "report") return shown.report(step.message);
    shown?.end();
    running.delete(token);
    next(token, step);
  };
}

function show(client: LanguageClient, token: ProgressToken, title: string): Shown {
  let report: Shown["report"] = () => undefined;
  let end: Shown["end"] = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const stopped = client.onDidChangeState(({ newState }) => newState !== State.Running && end());
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  void vscode.window.withProgress(options, (progress, cancellation) => {
    report = (message) => progress.report({ message });
    cancellation.onCancellationRequested(() => client.sendNotification(WorkDoneProgressCancelNotification.type, { token }));
    return ended.finally(() => stopped.dispose());
  });
  return { report: (message) => report(message), end: () => end() };
}
