// The text at the language server: it hears of every change, and is asked about the text as it stands.

import { EditorView, type ViewUpdate } from "@codemirror/view";
import { changes, editsOf, position, range } from "../convert";
import type { Connection } from "../rpc";

const CAPABILITIES = {
  general: { positionEncodings: ["utf-16"] },
  window: { workDoneProgress: false, showDocument: { support: false } },
  workspace: { applyEdit: true, workspaceEdit: { documentChanges: true }, configuration: false },
  textDocument: {
    synchronization: {},
    publishDiagnostics: { relatedInformation: false, versionSupport: true, tagSupport: { valueSet: [1, 2] } },
    completion: {
      completionItem: { snippetSupport: true, documentationFormat: ["markdown"], insertReplaceSupport: true },
      completionList: { itemDefaults: ["editRange"] },
    },
    hover: { contentFormat: ["markdown"] },
    signatureHelp: { signatureInformation: { documentationFormat: ["markdown"], parameterInformation: { labelOffsetSupport: true } } },
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix", "refactor"] } } },
    rename: { prepareSupport: true },
    semanticTokens: { requests: { full: true }, formats: ["relative"], tokenTypes: [], tokenModifiers: [] },
    foldingRange: { lineFoldingOnly: true },
    inlayHint: {},
    codeLens: {},
  },
};

export class Server {
  view!: EditorView;
  version = 1;
  side: -1 | 1 = -1; // of what comes in at the cursor, on which the cursor stays
  capabilities: any;

  constructor(readonly connection: Connection, public uri: string) {
    connection.on("workspace/applyEdit", (params) => ({ applied: this.apply(editsOf(params.edit, this.uri), "input.server") }));
  }

  /** Begin a session with the text of the editor. */
  async begin(folder: string): Promise<void> {
    const answer = await this.connection.request<any>("initialize", {
      processId: null,
      rootUri: folder,
      workspaceFolders: [{ uri: folder, name: "play" }],
      capabilities: CAPABILITIES,
    });
    this.capabilities = answer.capabilities;
    this.connection.notify("initialized", {});
    this.open();
  }

  /** The text has another name now. */
  rename(uri: string): void {
    this.connection.notify("textDocument/didClose", { textDocument: { uri: this.uri } });
    this.uri = uri;
    this.open();
  }

  private open(): void {
    const textDocument = { uri: this.uri, languageId: "promptlang", version: ++this.version, text: this.view.state.doc.toString() };
    this.connection.notify("textDocument/didOpen", { textDocument });
  }

  /** Tell of a change; each part of it is said from the end on, so that places before it stay what they were. */
  changed(update: ViewUpdate): void {
    if (!update.docChanged) return;
    const contentChanges: object[] = [];
    const before = update.startState.doc;
    update.changes.iterChanges((from, to, _, __, inserted) =>
      contentChanges.unshift({ range: range(before, from, to), text: inserted.toString() }));
    this.connection.notify("textDocument/didChange", { textDocument: { uri: this.uri, version: ++this.version }, contentChanges });
  }

  get document(): object {
    return { textDocument: { uri: this.uri } };
  }

  at(offset: number): object {
    return { ...this.document, position: position(this.view.state.doc, offset) };
  }

  /** The answer to a request about the text; null where there is none. */
  ask<Result>(method: string, params: object = this.document): Promise<Result | null> {
    return this.connection.request<Result>(`textDocument/${method}`, params).catch(() => null);
  }

  /** The same where the text is still what it was when the answer comes, else null. */
  async asked<Result>(method: string, params?: object): Promise<Result | null> {
    const version = this.version;
    const answer = await this.ask<Result>(method, params);
    return version === this.version ? answer : null;
  }

  execute<Result>(command: string, ...args: unknown[]): Promise<Result> {
    return this.connection.request<Result>("workspace/executeCommand", { command, arguments: args });
  }

  /** Make edits of the text as it stands; undo takes them back together. */
  apply(edits: any[], userEvent: string): boolean {
    const { state } = this.view;
    const changed = state.changes(changes(state.doc, edits));
    this.view.dispatch({ changes: changed, selection: state.selection.map(changed, this.side), userEvent, scrollIntoView: true });
    return true;
  }
}
