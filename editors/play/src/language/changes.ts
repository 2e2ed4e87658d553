// What is asked for by a key or a menu: hover, actions, names, order, weights.

import type { Extension } from "@codemirror/state";
import { Prec } from "@codemirror/state";
import { type Command, EditorView, hoverTooltip, keymap } from "@codemirror/view";
import { editsOf, offset, range, span } from "../convert";
import { byId, open, say } from "../dom";
import { type Choice, menu } from "../menu";
import { markdown, scrolling } from "./markdown";
import type { Server } from "./server";

export interface Acts {
  actions: () => Promise<void>;
  format: () => Promise<void>;
  fix: () => Promise<void>;
  weigh: (steps: number) => Promise<void>;
  move: (by: -1 | 1) => Promise<void>;
  toggle: () => Promise<void>;
}

export function changing(server: Server): { extension: Extension; acts: Acts } {
  const view = () => server.view;
  const home = () => view().focus();
  const selected = () => {
    const { from, to } = view().state.selection.main;
    return range(view().state.doc, from, to);
  };
  const execute = (command: string, ...args: unknown[]) => server.execute<any>(command, server.uri, ...args).catch((problem: Error) => say(problem.message));
  const place = () => {
    const at = view().coordsAtPos(view().state.selection.main.head);
    const box = view().dom.getBoundingClientRect();
    return at ?? { left: box.left + 20, top: box.top + 20, bottom: box.top + 40 };
  };

  const acts: Acts = {
    async actions() {
      const found = (await server.asked<any[]>("codeAction", { ...server.document, range: selected(), context: { diagnostics: [], triggerKind: 1 } })) ?? [];
      const choices: Choice[] = found.filter((each) => each.edit && editsOf(each.edit, server.uri).length).map((each) => ({
        title: each.title.replaceAll("`", ""),
        run: () => void server.apply(editsOf(each.edit, server.uri), "input.action"),
      }));
      if (choices.length) menu("Changes", place(), choices, home);
      else say("Nothing to change here");
    },
    async format() {
      const edits = await server.asked<any[]>("formatting", { ...server.document, options: { tabSize: 2, insertSpaces: true } });
      if (edits?.length) server.apply(edits, "input.format");
      else say("Everything is in order");
    },
    async fix() {
      const fixed = await execute("promptlang.fixAll");
      if (fixed === 0) say("Nothing that can be fixed without changing the picture");
    },
    async weigh(steps) {
      const changed = await execute(steps > 0 ? "promptlang.increaseWeight" : "promptlang.decreaseWeight", selected());
      if (changed === false) say("No words to weigh here");
    },
    async move(by) {
      server.side = by; // the cursor goes along with its tag
      const moved = await execute(by < 0 ? "promptlang.moveTagLeft" : "promptlang.moveTagRight", selected());
      server.side = -1;
      if (moved === false) say("No tag to move that way");
    },
    async toggle() {
      const changed = await execute("promptlang.toggleTag", selected());
      if (changed === false) say("No tag to switch off here");
    },
  };

  async function rename(): Promise<void> {
    const at = server.at(view().state.selection.main.head);
    const found = await server.asked<any>("prepareRename", at);
    const where = found && span(view().state.doc, found.range ?? found);
    if (!where) return say("No name to change here");
    const name = found.placeholder ?? view().state.sliceDoc(where.from, where.to);
    const words = await asked(name);
    if (!words || words === name) return home();
    const edit = await server.connection.request<any>("textDocument/rename", { ...at, newName: words }).catch((problem: Error) => say(problem.message));
    if (edit) server.apply(editsOf(edit, server.uri), "input.rename");
    home();
  }

  async function definition(): Promise<void> {
    const [found] = [(await server.asked<any>("definition", server.at(view().state.selection.main.head))) ?? []].flat();
    if (!found) return say("Nothing to go to from here");
    go(found.targetUri ?? found.uri, found.targetSelectionRange ?? found.range);
  }

  async function references(): Promise<void> {
    const found = (await server.asked<any[]>("references", { ...server.at(view().state.selection.main.head), context: { includeDeclaration: true } })) ?? [];
    const here = found.filter((each) => each.uri === server.uri);
    if (!here.length) return say("Nothing else is called so");
    const { doc } = view().state;
    menu("Uses", place(), here.map((each) => ({
      title: doc.line(each.range.start.line + 1).text.trim(),
      detail: `line ${each.range.start.line + 1}`,
      run: () => go(each.uri, each.range),
    })), home);
  }

  function go(uri: string, place: any): void {
    if (uri !== server.uri) return say(`That is in ${decodeURIComponent(uri.split("/").pop() ?? uri)}, another file`);
    const { from, to } = span(view().state.doc, place);
    view().dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    home();
  }

  const does = (act: () => unknown): Command => () => (void act(), true);
  return {
    acts,
    extension: [
      Prec.high(keymap.of([
        { key: "Mod-.", run: does(acts.actions) },
        { key: "F2", run: does(rename) },
        { key: "F12", run: does(definition) },
        { key: "Shift-F12", run: does(references) },
        { key: "Shift-Alt-f", run: does(acts.format) },
        { key: "Mod-ArrowUp", run: does(() => acts.weigh(1)) },
        { key: "Mod-ArrowDown", run: does(() => acts.weigh(-1)) },
        { key: "Alt-ArrowLeft", mac: "Ctrl-Alt-ArrowLeft", run: does(() => acts.move(-1)) },
        { key: "Alt-ArrowRight", mac: "Ctrl-Alt-ArrowRight", run: does(() => acts.move(1)) },
        { key: "Alt-/", run: does(acts.toggle) },
      ])),
      hoverTooltip(async (view, at) => {
        const hover = await server.asked<any>("hover", server.at(at));
        if (!hover) return null;
        const { doc } = view.state;
        const [pos, end] = hover.range ? [offset(doc, hover.range.start), offset(doc, hover.range.end)] : [at, at];
        return { pos, end, above: true, create: () => ({ dom: scrolling(markdown(hover.contents)) }) };
      }, { hoverTime: 250, hideOnChange: true }),
    ],
  };
}

/** Ask for a name; empty where nobody gives one. */
function asked(name: string): Promise<string> {
  const dialog = byId<HTMLDialogElement>("rename");
  const input = dialog.querySelector("input")!;
  input.value = name;
  dialog.returnValue = "";
  open(dialog);
  input.select();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok" ? input.value.trim() : ""), { once: true }));
}
