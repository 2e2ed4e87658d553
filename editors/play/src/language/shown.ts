// What is shown without being asked for: colours, hints, the commands above each statement, folds.

import { codeFolding, foldGutter, foldKeymap, foldService } from "@codemirror/language";
import { type EditorState, type Extension, type Range, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType, keymap } from "@codemirror/view";
import { offset, range } from "../convert";
import { el } from "../dom";
import type { Server } from "./server";

export type Run = (command: string, line: number) => void;
interface Lens { title: string; command: string; line: number }

const SOON = 70; // milliseconds without a key

/** Decorations that are put in anew by an effect, and move with the text until then. */
function layer() {
  const set = StateEffect.define<DecorationSet>();
  const field = StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update(value, transaction) {
      for (const effect of transaction.effects) if (effect.is(set)) return effect.value;
      return value.map(transaction.changes);
    },
    provide: (each) => EditorView.decorations.from(each),
  });
  return { set, field };
}

const colours = layer();
const hints = layer();
const lenses = layer();
const uses = layer();

const setFolds = StateEffect.define<[number, number][]>();
const folds = StateField.define<[number, number][]>({
  create: () => [],
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setFolds)) return effect.value;
    return transaction.docChanged ? value.map(([from, to]) => [transaction.changes.mapPos(from), transaction.changes.mapPos(to)]) : value;
  },
});

class Hint extends WidgetType {
  constructor(private readonly words: string, private readonly title: string) { super(); }
  override eq(other: Hint): boolean { return other.words === this.words; }
  toDOM(): HTMLElement { return el("span", { className: "hint", title: this.title, textContent: this.words }); }
}

class Lenses extends WidgetType {
  constructor(private readonly row: Lens[], private readonly run: Run) { super(); }
  override eq(other: Lenses): boolean { return JSON.stringify(other.row) === JSON.stringify(this.row); }
  override get estimatedHeight(): number { return 24; }
  override ignoreEvent(): boolean { return true; }
  toDOM(): HTMLElement {
    // The keys do the same; a stop of Tab for each would stand between the text and the page.
    return el("div", { className: "lenses" }, ...this.row.map((each) =>
      el("button", { tabIndex: -1, textContent: each.title, onclick: () => this.run(each.command, each.line) })));
  }
}

/** Keeps all of it current; `run` carries out a command of a lens. */
export function shown(server: Server, run: Run): Extension {
  let waiting = 0;
  let moving = 0;
  return [
    colours.field, hints.field, lenses.field, uses.field, folds,
    codeFolding(), foldGutter({ openText: "▾", closedText: "▸", foldingChanged: (update) => update.startState.field(folds) !== update.state.field(folds) }), keymap.of(foldKeymap),
    foldService.of(folded),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) {
        clearTimeout(waiting);
        waiting = window.setTimeout(() => void refresh(server, run), SOON);
      }
      if (update.docChanged || update.selectionSet) {
        clearTimeout(moving);
        moving = window.setTimeout(() => void highlight(server), 2 * SOON);
      }
    }),
  ];
}

/** Ask for everything that is shown, and show it where the text is still the same. */
export async function refresh(server: Server, run: Run): Promise<void> {
  const { view, version } = server;
  const text = view.state.doc;
  const whole = { ...server.document, range: range(text, 0, text.length) };
  const [tokens, notes, commands, ranges] = await Promise.all([
    server.ask<any>("semanticTokens/full"), server.ask<any[]>("inlayHint", whole), server.ask<any[]>("codeLens"), server.ask<any[]>("foldingRange"),
  ]);
  if (version !== server.version) return;
  const state = view.state;
  const folded = (ranges ?? []).map((each): [number, number] => [state.doc.line(each.startLine + 1).to, state.doc.line(Math.min(each.endLine + 1, state.doc.lines)).to]);
  const at = view.hasFocus ? view.coordsAtPos(state.selection.main.head) : null;
  const box = view.scrollDOM.getBoundingClientRect();
  const isSeen = at && at.bottom > box.top && at.top < box.bottom + 1.5 * view.defaultLineHeight;
  view.dispatch({
    effects: [
      // what comes in above the cursor must not push it out of sight
      ...(isSeen ? [EditorView.scrollIntoView(state.selection.main.head, { y: "nearest", yMargin: 12 })] : []),
      colours.set.of(Decoration.set(coloured(state, tokens?.data ?? [], server.capabilities.semanticTokensProvider.legend), true)),
      hints.set.of(Decoration.set((notes ?? []).map((each) => hint(state, each)), true)),
      lenses.set.of(Decoration.set(above(state, commands ?? [], run), true)),
      setFolds.of(folded),
    ],
  });
}

function coloured(state: EditorState, data: number[], legend: any): Range<Decoration>[] {
  const found: Range<Decoration>[] = [];
  let line = 0;
  let character = 0;
  for (let at = 0; at + 4 < data.length; at += 5) {
    const [lines, characters, length, type, modifiers] = data.slice(at, at + 5) as [number, number, number, number, number];
    line += lines;
    character = lines ? characters : character + characters;
    const from = offset(state.doc, { line, character });
    const to = Math.min(from + length, state.doc.length);
    const names = [legend.tokenTypes[type], ...legend.tokenModifiers.filter((_: string, bit: number) => modifiers & (1 << bit))];
    if (to > from) found.push(mark(names.map((name) => `t-${name}`).join(" ")).range(from, to));
  }
  return found;
}

const marks = new Map<string, Decoration>();

function mark(names: string): Decoration {
  if (!marks.has(names)) marks.set(names, Decoration.mark({ class: names }));
  return marks.get(names)!;
}

function hint(state: EditorState, each: any): Range<Decoration> {
  const words = typeof each.label === "string" ? each.label : each.label.map((part: any) => part.value).join("");
  const title = typeof each.tooltip === "string" ? each.tooltip : (each.tooltip?.value ?? "");
  return Decoration.widget({ widget: new Hint(words, title), side: 1 }).range(offset(state.doc, each.position));
}

function above(state: EditorState, commands: any[], run: Run): Range<Decoration>[] {
  const rows = new Map<number, Lens[]>();
  for (const { range: place, command } of commands) {
    const line = place.start.line;
    rows.set(line, [...(rows.get(line) ?? []), { title: command.title, command: command.command, line }]);
  }
  return [...rows].map(([line, row]) =>
    Decoration.widget({ widget: new Lenses(row, run), block: true, side: -1 }).range(state.doc.line(Math.min(line + 1, state.doc.lines)).from));
}

function folded(state: EditorState, from: number, to: number): { from: number; to: number } | null {
  const found = state.field(folds).find(([start]) => from <= start && start <= to);
  return found && found[1] > found[0] ? { from: found[0], to: found[1] } : null;
}

/** The other uses of the name at the cursor. */
async function highlight(server: Server): Promise<void> {
  const found = await server.asked<any[]>("documentHighlight", server.at(server.view.state.selection.main.head));
  const { doc } = server.view.state;
  const marks = (found ?? []).map((each) => mark("use").range(offset(doc, each.range.start), offset(doc, each.range.end))).filter((each) => each.to > each.from);
  if (marks.length || server.view.state.field(uses.field).size) server.view.dispatch({ effects: uses.set.of(Decoration.set(marks, true)) });
}
