// Puts the page together: the editor, the language server behind it, the pictures beside it.

import { redo, undo } from "@codemirror/commands";
import { startCompletion } from "@codemirror/autocomplete";
import { Prec } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { byId, el, open, say } from "./dom";
import { editor } from "./editor";
import { Files, type Settings } from "./files";
import { changing } from "./language/changes";
import { completions } from "./language/completion";
import { Findings } from "./language/findings";
import { Server } from "./language/server";
import { refresh, shown } from "./language/shown";
import { count, tokens } from "./language/tokens";
import { look } from "./look";
import { menu } from "./menu";
import { Gallery } from "./pictures/gallery";
import { Viewer } from "./pictures/viewer";
import { Explaining } from "./plan";
import { Connection } from "./rpc";
import { show, tabs } from "./tabs";

const socket = (name: string): string => new URL(name, location.href.replace(/^http/, "ws")).href;

async function begin(): Promise<void> {
  look();
  const connecting = Connection.open(socket("lsp"));
  const settings: Settings = await (await fetch("settings.json")).json();
  byId("version").textContent = settings.version;
  const files = new Files(settings, (uri) => server.rename(uri));
  const { text, told } = files.first();

  const put = (statement: string) => {
    show("text");
    const end = view.state.doc.length;
    const gap = end ? (view.state.doc.line(view.state.doc.lines).text.trim() ? "\n\n" : "\n") : "";
    view.dispatch({ changes: { from: end, insert: gap + statement }, selection: { anchor: end + gap.length }, userEvent: "input.paste", scrollIntoView: true });
    view.focus();
  };
  const viewer = new Viewer(put);
  const gallery = new Gallery(socket("render"), viewer, put);
  const explaining = new Explaining(socket("explain"));
  const line = () => view.state.doc.lineAt(view.state.selection.main.head).number - 1;
  const draw = (at: number) => {
    if (document.body.dataset.view !== "pictures") show("pictures");
    gallery.render(view.state.doc.toString(), at);
  };
  const render = () => draw(line());
  const plan = (at = line()) => explaining.show(view.state.doc.toString(), at);
  const run = (command: string, at: number) => (command === "promptlang.showPlan" ? plan(at) : draw(at));

  const connection = await connecting;
  const server = new Server(connection, files.uri);
  const findings = new Findings(server);
  const { extension, acts } = changing(server);
  const does = (act: () => unknown) => () => (void act(), true);
  const everywhere: Record<string, () => unknown> = { Enter: render, s: () => files.save(), o: () => files.open() }; // with Ctrl
  const view = editor(byId("editor"), text, [
    Prec.highest(keymap.of([
      ...Object.entries(everywhere).map(([key, act]) => ({ key: `Mod-${key}`, run: does(act) })),
      { key: "Alt-p", run: does(plan) },
    ])),
    EditorView.updateListener.of((update) => {
      server.changed(update);
      if (update.docChanged) files.changed();
    }),
    extension,
    completions(server),
    findings.extension(),
    shown(server, run),
    tokens(server),
  ]);
  server.view = view;
  files.begin(view);
  connection.onClose(() => {
    document.body.classList.add("offline");
    say("The server has ended: start `promptlang play` again. Your text is kept as a draft.");
  });
  connection.on("window/showMessage", (params) => say(params.message));

  const press = (id: string, act: () => unknown) => byId(id).addEventListener("click", () => void act());
  press("render", render);
  press("plan-button", () => plan());
  press("fix", acts.fix);
  press("format", acts.format);
  press("open", () => files.open());
  press("save", () => files.save());
  press("help-button", () => open(byId<HTMLDialogElement>("help")));
  press("heavier", () => (acts.weigh(1), view.focus()));
  press("lighter", () => (acts.weigh(-1), view.focus()));
  press("left", () => (acts.move(-1), view.focus()));
  press("right", () => (acts.move(1), view.focus()));
  press("toggle", () => (acts.toggle(), view.focus()));
  press("suggest", () => (view.focus(), startCompletion(view)));
  press("actions", acts.actions);
  press("undo", () => (undo(view), view.focus()));
  press("redo", () => (redo(view), view.focus()));
  const examples = (button: HTMLElement) => menu("Examples", button.getBoundingClientRect(), settings.examples.map((each) => ({
    title: each.title,
    detail: each.about,
    run: () => (show("text"), files.example(each.text, () => undo(view))),
  })), () => button.focus());
  press("examples", () => examples(byId("examples")));
  press("more", () => menu("More", byId("more").getBoundingClientRect(), [
    { title: "Examples …", run: () => examples(byId("more")) },
    ...[...document.querySelectorAll<HTMLElement>("nav [data-more]")].map((each) => ({ title: each.dataset.more!, run: () => each.click() })),
  ], () => byId("more").focus()));
  addEventListener("dragover", (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
  addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    void files.take(file, undefined);
  });
  addEventListener("keydown", (event) => {
    if (view.dom.contains(event.target as Node) || document.querySelector("dialog[open]")) return;
    const act = event.ctrlKey || event.metaKey ? everywhere[event.key] : undefined;
    if (act) (event.preventDefault(), void act());
    if (event.key === "Escape" && gallery.isDrawing) gallery.stop();
  });
  tabs();

  await server.begin(settings.folder);
  void refresh(server, run);
  await Promise.all([gallery.recall(), count(server)]);
  told?.();
  if (matchMedia("(pointer: fine)").matches) view.focus();
  document.body.classList.add("ready");
}

begin().catch((problem) => {
  document.body.classList.add("offline");
  byId("message").replaceChildren(el("span", {}, String(problem.message ?? problem)));
});
