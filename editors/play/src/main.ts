// Puts the page together: the editor, the language server behind it, and the pictures beside it.

import "monaco-editor/esm/vs/editor/editor.all.js";
import * as monaco from "monaco-editor/esm/vs/editor/editor.api";
import { LANGUAGE, serve } from "./language";
import { Gallery } from "./renders";
import { Connection } from "./rpc";
import { THEME, defineTheme } from "./theme";

const RENDERS = ["promptlang.render", "promptlang.renderGrid"];
const KEYS = monaco.KeyCode;
const CTRL = monaco.KeyMod.CtrlCmd;

(self as any).MonacoEnvironment = { getWorker: () => new Worker("editor.worker.js") };

const element = (id: string): HTMLElement => document.getElementById(id)!;
const socket = (name: string): string => new URL(name, location.href.replace(/^http/, "ws")).href;

async function begin(): Promise<void> {
  const settings = await (await fetch("settings.json")).json();
  element("name").textContent = settings.name;
  element("version").textContent = settings.version;
  monaco.languages.register({ id: LANGUAGE });
  monaco.languages.setLanguageConfiguration(LANGUAGE, {
    comments: { lineComment: "# " },
    brackets: [["(", ")"], ["[", "]"], ["{", "}"]],
    // What is escaped opens nothing, and `<` is half of `<3`; the name of a concept brings its `>` along.
    autoClosingPairs: [["(", ")"], ["[", "]"], ["{", "}"], ["\\(", ""], ["\\[", ""]].map(([open, close]) => ({ open, close })),
    wordPattern: /[/#]?[\p{L}\p{N}_][\p{L}\p{N}_'’-]*/u,
  });
  defineTheme();
  const model = monaco.editor.createModel(settings.text, LANGUAGE, monaco.Uri.parse(settings.uri));
  const editor = monaco.editor.create(element("editor"), {
    model,
    theme: THEME,
    automaticLayout: true,
    wordWrap: "on",
    wordWrapBreakAfterCharacters: " \t,",
    wordWrapBreakBeforeCharacters: "([{<",
    minimap: { enabled: false },
    fontSize: 15,
    lineHeight: 24,
    padding: { top: 18, bottom: 18 },
    scrollBeyondLastLine: false,
    wordBasedSuggestions: "off",
    "semanticHighlighting.enabled": true,
    bracketPairColorization: { enabled: false },
    unicodeHighlight: { ambiguousCharacters: false },
    renderLineHighlight: "all",
    fixedOverflowWidgets: true,
  });
  const gallery = new Gallery(element("gallery"), socket("render"));
  const render = () => gallery.render(model.getValue(), (editor.getPosition()?.lineNumber ?? 1) - 1);
  element("render").addEventListener("click", render);
  editor.addCommand(CTRL | KEYS.Enter, render);

  const connection = await Connection.open(socket("lsp"));
  connection.onClose(() => document.body.classList.add("offline"));
  connection.on("window/showMessage", (params) => say(params.message));
  await serve(connection, model, settings.folder, () => count(model));
  commands(connection, editor, model, gallery);
  tokens(connection, editor, model);
  editor.focus();
  document.body.classList.add("ready");
}

function commands(connection: Connection, editor: monaco.editor.IStandaloneCodeEditor, model: monaco.editor.ITextModel, gallery: Gallery): void {
  const execute = (command: string, ...args: unknown[]) =>
    connection.request<any>("workspace/executeCommand", { command, arguments: args }).catch((problem) => say(problem.message));
  const uri = model.uri.toString();
  for (const name of RENDERS) {
    monaco.editor.registerCommand(name, (_, __, line: number) => gallery.render(model.getValue(), line));
  }
  monaco.editor.registerCommand("promptlang.showPlan", async (_, __, line: number) => showPlan(await execute("promptlang.showPlan", uri, line)));
  const selected = () => {
    const place = editor.getSelection()!;
    return { start: { line: place.startLineNumber - 1, character: place.startColumn - 1 }, end: { line: place.endLineNumber - 1, character: place.endColumn - 1 } };
  };
  editor.addCommand(CTRL | KEYS.UpArrow, () => execute("promptlang.increaseWeight", uri, selected()));
  editor.addCommand(CTRL | KEYS.DownArrow, () => execute("promptlang.decreaseWeight", uri, selected()));
  element("format").addEventListener("click", () => editor.getAction("editor.action.formatDocument")?.run());
  element("fix").addEventListener("click", () => execute("promptlang.fixAll", uri));
}

function showPlan(plan: unknown): void {
  if (typeof plan !== "string") return;
  const dialog = element("plan") as HTMLDialogElement;
  dialog.querySelector("pre")!.textContent = plan;
  dialog.showModal();
}

/** How many tokens the statement at the cursor takes. */
function tokens(connection: Connection, editor: monaco.editor.IStandaloneCodeEditor, model: monaco.editor.ITextModel): void {
  let waiting = 0;
  const show = async () => {
    const line = (editor.getPosition()?.lineNumber ?? 1) - 1;
    const params = { command: "promptlang.tokens", arguments: [model.uri.toString(), line] };
    const counted = await connection.request<any>("workspace/executeCommand", params).catch(() => undefined);
    if (!counted) return;
    const full = counted.chunks * counted.chunk;
    element("tokens").textContent = `${counted.positive} of ${full} tokens`;
    element("tokens-bar").style.width = `${Math.min(100, (100 * counted.positive) / full)}%`;
  };
  const soon = () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => void show(), 120);
  };
  editor.onDidChangeCursorPosition(soon);
  model.onDidChangeContent(soon);
  soon();
}

function count(model: monaco.editor.ITextModel): void {
  const found = monaco.editor.getModelMarkers({ resource: model.uri });
  const number = (severity: monaco.MarkerSeverity) => found.filter((each) => each.severity === severity).length;
  const rows: [string, number][] = [
    ["error", number(monaco.MarkerSeverity.Error)],
    ["warning", number(monaco.MarkerSeverity.Warning)],
    ["remark", number(monaco.MarkerSeverity.Info) + number(monaco.MarkerSeverity.Hint)],
  ];
  const parts = rows.filter(([, many]) => many > 0).map(([word, many]) => {
    const part = document.createElement("span");
    part.className = word;
    part.textContent = `${many} ${word}${many === 1 ? "" : "s"}`;
    return part;
  });
  element("problems").replaceChildren(...(parts.length ? parts : ["no problems"]));
}

function say(message: string): void {
  element("message").textContent = message;
}

begin().catch((problem) => {
  document.body.classList.add("offline");
  say(problem.message);
});
