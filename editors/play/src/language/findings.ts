// What the server finds: under the words, in the margin, and as a list with the fixes beside it.

import { type Action, type Diagnostic, lintGutter, nextDiagnostic, previousDiagnostic, setDiagnostics } from "@codemirror/lint";
import { type Extension, Prec } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { editsOf, offset, range } from "../convert";
import { byId, counted, el } from "../dom";
import { show } from "../tabs";
import { documented, markdown } from "./markdown";
import type { Server } from "./server";

interface Finding { from: number; to: number; line: number; severity: number; message: string; code: string; address: string; fixes: Fix[] }
interface Fix { title: string; edit: any }

const NAMES = ["", "error", "warning", "remark", "remark"] as const;
const SEVERITIES = ["", "error", "warning", "info", "hint"] as const;
const MOST = 100; // rows of the list

export class Findings {
  private found: Finding[] = [];
  private view!: EditorView;

  constructor(private readonly server: Server) {
    server.connection.on("textDocument/publishDiagnostics", (params) => void this.published(params));
  }

  extension(): Extension {
    return [
      lintGutter(),
      Prec.high(keymap.of([{ key: "F8", run: nextDiagnostic }, { key: "Shift-F8", run: previousDiagnostic }])),
      EditorView.updateListener.of((update) => {
        this.view = update.view;
        if (update.docChanged) for (const each of this.found) [each.from, each.to] = [update.changes.mapPos(each.from), update.changes.mapPos(each.to)];
      }),
    ];
  }

  private async published(params: any): Promise<void> {
    const { server } = this;
    if (params.uri !== server.uri || (params.version ?? server.version) !== server.version) return;
    this.view = server.view;
    const { doc } = server.view.state;
    this.found = params.diagnostics.map((each: any): Finding => ({
      from: offset(doc, each.range.start),
      to: offset(doc, each.range.end),
      line: each.range.start.line + 1,
      severity: each.severity ?? 3,
      message: each.message,
      code: String(each.code ?? ""),
      address: each.codeDescription?.href ?? "",
      fixes: [],
    }));
    this.show();
    if (!this.found.length) return;
    // Those of the list: a text of thousands of statements has a fix for each.
    const listed = this.found.slice(0, MOST);
    const place = range(doc, Math.min(...listed.map((each) => each.from)), Math.max(...listed.map((each) => each.to)));
    const context = { diagnostics: params.diagnostics.slice(0, MOST), only: ["quickfix"], triggerKind: 1 };
    const actions = await server.asked<any[]>("codeAction", { ...server.document, range: place, context });
    const known = new Map(listed.map((each) => [`${each.code} ${each.from} ${each.to}`, each]));
    for (const action of actions ?? []) {
      for (const { range: place, code } of action.diagnostics ?? []) {
        const fixed = known.get(`${code} ${offset(doc, place.start)} ${offset(doc, place.end)}`);
        if (action.edit && fixed && !isSilencing(action)) fixed.fixes.push({ title: action.title, edit: action.edit });
      }
    }
    if (actions?.length) this.show();
  }

  private show(): void {
    const { state } = this.view;
    this.view.dispatch(setDiagnostics(state, this.found.map((each) => this.underlined(each))));
    this.list();
    this.count();
  }

  private underlined(each: Finding): Diagnostic {
    const actions: Action[] = each.fixes.map((fix) => ({ name: plain(fix.title), apply: () => this.fix(fix) }));
    return {
      from: each.from,
      to: each.to,
      severity: SEVERITIES[each.severity] || "info",
      message: each.message,
      renderMessage: () => el("div", {}, said(each), el("code", { className: "rule" }, each.code)),
      actions,
    };
  }

  private list(): void {
    const rows = this.found.slice(0, MOST).map((each) =>
      el("li", { className: NAMES[each.severity] },
        el("button", { className: "go", onclick: () => this.go(each) },
          el("b", {}, NAMES[each.severity]), " ", el("span", { className: "place" }, `line ${each.line}`), " ", el("span", {}, firstLine(each.message))),
        el("div", { className: "fixes" },
          ...each.fixes.map((fix) => el("button", { className: "small", onclick: () => this.fix(fix) }, plain(fix.title))),
          documented(each.address, each.code) ?? el("code", {}, each.code))));
    if (this.found.length > MOST) rows.push(el("li", {}, `and ${counted(this.found.length - MOST, "finding")} more`));
    byId("findings-list").replaceChildren(...rows);
    document.body.classList.toggle("clean", !this.found.length);
  }

  private count(): void {
    const words = (["error", "warning", "remark"] as const)
      .map((name) => [name, this.found.filter((each) => NAMES[each.severity] === name).length] as const)
      .filter(([, many]) => many)
      .map(([name, many]) => el("span", { className: name }, String(many), el("i", {}, counted(many, name).replace(String(many), ""))));
    for (const place of document.querySelectorAll(".problems")) place.replaceChildren(...(words.length ? words.map((each) => each.cloneNode(true)) : ["no problems"]));
  }

  private go(each: Finding): void {
    show("text");
    const end = this.view.state.doc.length;
    this.view.dispatch({ selection: { anchor: Math.min(each.from, end), head: Math.min(each.to, end) }, effects: EditorView.scrollIntoView(Math.min(each.from, end), { y: "center" }) });
    this.view.focus();
  }

  private fix(fix: Fix): void {
    this.server.apply(editsOf(fix.edit, this.server.uri), "input.fix");
    this.view.focus();
  }
}

const isSilencing = (action: any): boolean => action.title.startsWith("Ignore `");
const firstLine = (message: string): string => plain(message.split("\n")[0]!);
const plain = (text: string): string => text.replaceAll("`", "");
const said = (each: Finding): HTMLElement => markdown(each.message.replaceAll("\n", "  \n"));
