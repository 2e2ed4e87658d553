// Everything the editor asks the language server. There is no second implementation of anything here.

import * as monaco from "monaco-editor/esm/vs/editor/editor.api";
import { ITEM_KINDS, editorEdit, editorRange, editorPosition, editsOf, markdown, marker, position, range } from "./convert";
import { Connection } from "./rpc";

export const LANGUAGE = "promptlang";
type Model = monaco.editor.ITextModel;
type Found = { diagnostic: any; marker: monaco.editor.IMarkerData };

const CAPABILITIES = {
  general: { positionEncodings: ["utf-16"] },
  window: { workDoneProgress: false, showDocument: { support: false } },
  workspace: { applyEdit: true, workspaceEdit: { documentChanges: true }, configuration: false },
  textDocument: {
    synchronization: {},
    publishDiagnostics: { relatedInformation: false, tagSupport: { valueSet: [1, 2] } },
    completion: {
      completionItem: { snippetSupport: true, documentationFormat: ["markdown"], insertReplaceSupport: true },
      completionList: { itemDefaults: ["editRange"] },
    },
    hover: { contentFormat: ["markdown"] },
    signatureHelp: { signatureInformation: { documentationFormat: ["markdown"] } },
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix", "refactor"] } } },
    semanticTokens: { requests: { full: true }, formats: ["relative"], tokenTypes: [], tokenModifiers: [] },
    foldingRange: { lineFoldingOnly: true },
    inlayHint: {},
    codeLens: {},
  },
};

/** Open the document at the server and answer the editor from it; `onFound` hears of every change of the problems. */
export async function serve(connection: Connection, model: Model, folder: string, onFound: () => void): Promise<void> {
  const uri = model.uri.toString();
  const textDocument = { uri };
  let found: Found[] = [];

  connection.on("textDocument/publishDiagnostics", (params) => {
    if (params.uri !== uri) return;
    found = params.diagnostics.map((diagnostic: any) => ({ diagnostic, marker: marker(diagnostic) }));
    monaco.editor.setModelMarkers(model, LANGUAGE, found.map((each) => each.marker));
    onFound();
  });
  connection.on("workspace/applyEdit", (params) => {
    model.pushStackElement();
    model.pushEditOperations([], editsOf(params.edit).map(editorEdit), () => null);
    model.pushStackElement();
    return { applied: true };
  });

  const answer = await connection.request<any>("initialize", {
    processId: null,
    rootUri: folder,
    workspaceFolders: [{ uri: folder, name: "play" }],
    capabilities: CAPABILITIES,
  });
  connection.notify("initialized", {});
  connection.notify("textDocument/didOpen", {
    textDocument: { uri, languageId: LANGUAGE, version: model.getVersionId(), text: model.getValue() },
  });
  model.onDidChangeContent((change) => {
    const contentChanges = change.changes.map((each) => ({ range: range(each.range), text: each.text }));
    connection.notify("textDocument/didChange", { textDocument: { uri, version: change.versionId }, contentChanges });
  });

  const at = (place: monaco.IPosition) => ({ textDocument, position: position(place) });
  const ask = <Result>(method: string, params: object = { textDocument }): Promise<Result | null> =>
    connection.request<Result>(`textDocument/${method}`, params).catch(() => null);
  completions(answer.capabilities, connection, ask, at);
  words(ask, at);
  changes(ask, at, textDocument, () => found);
  pictures(ask, answer.capabilities.semanticTokensProvider.legend);
}

type Ask = <Result>(method: string, params?: object) => Promise<Result | null>;
type At = (place: monaco.IPosition) => object;

function completions(capabilities: any, connection: Connection, ask: Ask, at: At): void {
  const rules = monaco.languages.CompletionItemInsertTextRule;
  monaco.languages.registerCompletionItemProvider(LANGUAGE, {
    triggerCharacters: capabilities.completionProvider.triggerCharacters,
    provideCompletionItems: async (model, place) => {
      const list = await ask<any>("completion", at(place));
      const word = model.getWordUntilPosition(place);
      const here = { startLineNumber: place.lineNumber, endLineNumber: place.lineNumber, startColumn: word.startColumn, endColumn: word.endColumn };
      const suggestions = (list?.items ?? list ?? []).map((item: any) => {
        const edit = item.textEdit ?? { ...asEdit(list.itemDefaults?.editRange), newText: item.textEditText ?? item.insertText ?? item.label };
        const place = edit.insert ? { insert: editorRange(edit.insert), replace: editorRange(edit.replace) } : edit.range ? editorRange(edit.range) : here;
        return {
          ...item,
          label: item.labelDetails ? { label: item.label, ...item.labelDetails } : item.label,
          kind: ITEM_KINDS[item.kind ?? 1],
          insertText: edit.newText,
          insertTextRules: item.insertTextFormat === 2 ? rules.InsertAsSnippet : rules.None,
          documentation: item.documentation && markdown(item.documentation),
          range: place,
          command: item.command && { id: item.command.command, title: item.command.title },
          from: item,
        };
      });
      return { suggestions, incomplete: list?.isIncomplete ?? false };
    },
    resolveCompletionItem: async (item) => {
      const whole = await connection.request<any>("completionItem/resolve", (item as any).from).catch(() => undefined);
      return { ...item, detail: whole?.detail ?? item.detail, documentation: whole?.documentation && markdown(whole.documentation) };
    },
  });
  monaco.languages.registerSignatureHelpProvider(LANGUAGE, {
    signatureHelpTriggerCharacters: [":", ","],
    provideSignatureHelp: async (_, place) => {
      const value = await ask<any>("signatureHelp", at(place));
      if (!value?.signatures?.length) return null;
      const signatures = value.signatures.map((each: any) => ({
        ...each,
        documentation: each.documentation && markdown(each.documentation),
        parameters: (each.parameters ?? []).map((part: any) => ({ ...part, documentation: part.documentation && markdown(part.documentation) })),
      }));
      return { value: { activeSignature: 0, activeParameter: 0, ...value, signatures }, dispose: () => undefined };
    },
  });
}

function asEdit(place: any): object {
  if (!place) return {};
  return place.insert ? place : { range: place };
}

function words(ask: Ask, at: At): void {
  monaco.languages.registerHoverProvider(LANGUAGE, {
    provideHover: async (_, place) => {
      const hover = await ask<any>("hover", at(place));
      return hover && { contents: [markdown(hover.contents)], range: hover.range && editorRange(hover.range) };
    },
  });
  const places = (answer: any) => [answer ?? []].flat().map((each: any) => ({
    uri: monaco.Uri.parse(each.targetUri ?? each.uri),
    range: editorRange(each.targetSelectionRange ?? each.range),
  }));
  monaco.languages.registerDefinitionProvider(LANGUAGE, {
    provideDefinition: async (model, place) =>
      places(await ask("definition", at(place))).filter((each) => each.uri.toString() === model.uri.toString()),
  });
  monaco.languages.registerReferenceProvider(LANGUAGE, {
    provideReferences: async (_, place, context) => places(await ask("references", { ...at(place), context })),
  });
  monaco.languages.registerDocumentHighlightProvider(LANGUAGE, {
    provideDocumentHighlights: async (_, place) =>
      ((await ask<any[]>("documentHighlight", at(place))) ?? []).map((each) => ({ range: editorRange(each.range) })),
  });
  monaco.languages.registerFoldingRangeProvider(LANGUAGE, {
    provideFoldingRanges: async () =>
      ((await ask<any[]>("foldingRange")) ?? []).map((each) => ({ start: each.startLine + 1, end: each.endLine + 1 })),
  });
}

function changes(ask: Ask, at: At, textDocument: object, found: () => Found[]): void {
  const asWorkspaceEdit = (model: Model, edit: any) => ({
    edits: editsOf(edit).map((each) => ({ resource: model.uri, versionId: undefined, textEdit: editorEdit(each) })),
  });
  monaco.languages.registerCodeActionProvider(LANGUAGE, {
    provideCodeActions: async (model, place, context) => {
      const here = found().filter((each) => context.markers.some((shown) => shown.code === each.marker.code && monaco.Range.areIntersecting(shown, each.marker)));
      const params = { textDocument, range: range(place), context: { diagnostics: here.map((each) => each.diagnostic) } };
      const actions = ((await ask<any[]>("codeAction", params)) ?? []).filter((each) => each.edit);
      return {
        actions: actions.map((each) => ({
          title: each.title,
          kind: each.kind,
          isPreferred: each.isPreferred,
          diagnostics: here.map((one) => one.marker),
          edit: asWorkspaceEdit(model, each.edit),
        })),
        dispose: () => undefined,
      };
    },
  });
  monaco.languages.registerRenameProvider(LANGUAGE, {
    provideRenameEdits: async (model, place, newName) => {
      const edit = await ask<any>("rename", { ...at(place), newName });
      return edit ? asWorkspaceEdit(model, edit) : { edits: [], rejectReason: "this is no name" };
    },
  });
  monaco.languages.registerDocumentFormattingEditProvider(LANGUAGE, {
    provideDocumentFormattingEdits: async () =>
      ((await ask<any[]>("formatting", { textDocument, options: { tabSize: 2, insertSpaces: true } })) ?? []).map(editorEdit),
  });
}

/** What is shown without being asked for: colours, hints and the commands above each statement. */
function pictures(ask: Ask, legend: monaco.languages.SemanticTokensLegend): void {
  monaco.languages.registerDocumentSemanticTokensProvider(LANGUAGE, {
    getLegend: () => legend,
    provideDocumentSemanticTokens: async () => {
      const tokens = await ask<any>("semanticTokens/full");
      return tokens && { data: new Uint32Array(tokens.data), resultId: tokens.resultId };
    },
    releaseDocumentSemanticTokens: () => undefined,
  });
  monaco.languages.registerInlayHintsProvider(LANGUAGE, {
    provideInlayHints: async (model) => {
      const whole = { textDocument: { uri: model.uri.toString() }, range: range(model.getFullModelRange()) };
      const hints = (await ask<any[]>("inlayHint", whole)) ?? [];
      return { hints: hints.map((each) => ({ ...each, position: editorPosition(each.position) })), dispose: () => undefined };
    },
  });
  monaco.languages.registerCodeLensProvider(LANGUAGE, {
    provideCodeLenses: async () => {
      const lenses = ((await ask<any[]>("codeLens")) ?? []).map((each) => ({
        range: editorRange(each.range),
        command: { ...each.command, id: each.command.command },
      }));
      return { lenses, dispose: () => undefined };
    },
  });
}
