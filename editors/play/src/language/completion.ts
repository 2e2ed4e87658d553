// Completion and the hints of values, as the server offers them: it has ranked and filtered already.

import { type Completion, type CompletionContext, type CompletionResult, acceptCompletion, autocompletion, completionKeymap, pickedCompletion, snippet, startCompletion } from "@codemirror/autocomplete";
import { type Extension, Prec, StateEffect, StateField } from "@codemirror/state";
import { EditorView, type Tooltip, keymap, showTooltip } from "@codemirror/view";
import { offset, position } from "../convert";
import { el } from "../dom";
import { markdown, scrolling } from "./markdown";
import type { Server } from "./server";

const KINDS: Record<number, string> = {
  3: "function", 5: "property", 7: "class", 9: "namespace", 10: "property", 11: "constant", 12: "constant", 14: "keyword", 15: "text",
  16: "keyword", 17: "class", 18: "variable", 19: "namespace", 20: "enum", 21: "constant", 22: "namespace", 23: "interface",
};
const SNIPPET = 2;

export function completions(server: Server): Extension {
  return [
    autocompletion({
      override: [(context) => offered(server, context)],
      activateOnTypingDelay: 40,
      interactionDelay: 0,
      icons: true,
      maxRenderedOptions: 150,
      aboveCursor: false,
      tooltipClass: () => "completion",
    }),
    Prec.highest(keymap.of([{ key: "Tab", run: acceptCompletion }, ...completionKeymap])),
    closing,
    Prec.high(EditorView.inputHandler.of(typedOver)),
    signatures(server),
  ];
}

async function offered(server: Server, context: CompletionContext): Promise<CompletionResult | null> {
  const { doc } = context.state;
  const list = await server.ask<any>("completion", {
    ...server.document,
    position: position(doc, context.pos),
    context: { triggerKind: context.explicit ? 1 : 2 },
  });
  const items: any[] = list?.items ?? list ?? [];
  if (context.aborted || !items.length) return null;
  const shared = list.itemDefaults?.editRange;
  const first = items[0].textEdit ?? shared;
  const place = first?.insert ?? first?.range ?? first ?? { start: position(doc, context.pos), end: position(doc, context.pos) };
  const from = offset(doc, place.start);
  const behind = Math.max(0, offset(doc, place.end) - context.pos);
  return { from: Math.min(from, context.pos), filter: false, options: items.map((item) => option(server, item, behind)) };
}

function option(server: Server, item: any, behind: number): Completion {
  const text: string = item.textEdit?.newText ?? item.textEditText ?? item.insertText ?? item.label;
  return {
    label: item.label,
    detail: item.labelDetails?.detail?.trim() ?? item.labelDetails?.description ?? item.detail,
    type: KINDS[item.kind] ?? "text",
    info: () => described(server, item),
    apply: (view, completion, from, to) => {
      const end = Math.min(to + behind, view.state.doc.length);
      if (item.insertTextFormat === SNIPPET) {
        snippet(asSnippet(text))(view, completion, from, end);
        view.dispatch({ effects: setClosing.of(view.state.selection.main.to) });
      } else {
        view.dispatch({
          changes: { from, to: end, insert: text },
          selection: { anchor: from + text.length },
          annotations: pickedCompletion.of(completion),
          userEvent: "input.complete",
          scrollIntoView: true,
        });
      }
      if (item.command?.command === "editor.action.triggerSuggest") setTimeout(() => startCompletion(view));
    },
  };
}

async function described(server: Server, item: any): Promise<HTMLElement | null> {
  const whole = item.documentation ? item : await server.connection.request<any>("completionItem/resolve", item).catch(() => null);
  return whole?.documentation ? scrolling(markdown(whole.documentation)) : null;
}

/** The protocol's form of a snippet in the editor's. */
function asSnippet(text: string): string {
  return text.replace(/\\([$}\\])|\$\{(\d+)(?::([^}]*))?\}|\$(\d+)|([{}])/g, (_, escaped, number, words, bare, brace) => {
    if (escaped) return escaped === "}" ? "\\}" : escaped;
    if (brace) return `\\${brace}`;
    const at = Number(number ?? bare);
    return `\${${at || 99}${words ? `:${words}` : ""}}`;
  });
}

// --- the sign that closes a snippet is typed over -----------------------------------------------------------------------

const setClosing = StateEffect.define<number | null>();

/** Where the sign stands behind what is filled in, as long as the cursor has not gone past it. */
const closing = StateField.define<number | null>({
  create: () => null,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setClosing)) return effect.value;
    const place = value === null ? null : transaction.changes.mapPos(value, 1);
    return place === null || transaction.newSelection.main.to > place ? null : place;
  },
});

function typedOver(view: EditorView, _: number, to: number, typed: string): boolean {
  if (!")>".includes(typed) || to !== view.state.field(closing) || view.state.sliceDoc(to, to + 1) !== typed) return false;
  view.dispatch({ selection: { anchor: to + 1 }, effects: setClosing.of(null), userEvent: "input.type" });
  return true;
}

// --- what a value takes, while it is written --------------------------------------------------------------------------

const TYPING = ["input.type", "input.complete", "input.paste", "delete"]; // what fixes and actions write asks for nothing

const setSignature = StateEffect.define<Tooltip | null>();

const signature = StateField.define<Tooltip | null>({
  create: () => null,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setSignature)) return effect.value;
    return value && transaction.docChanged ? { ...value, pos: transaction.changes.mapPos(value.pos) } : value;
  },
  provide: (field) => showTooltip.from(field),
});

function signatures(server: Server): Extension {
  let waiting = 0;
  const look = async (view: EditorView) => {
    const place = view.state.selection.main.head;
    const help = await server.asked<any>("signatureHelp", server.at(place));
    const shown = help?.signatures?.[help.activeSignature ?? 0];
    if (!shown && !view.state.field(signature)) return;
    view.dispatch({ effects: setSignature.of(shown ? tooltip(place, shown, help.activeParameter ?? 0) : null) });
  };
  return [
    signature,
    Prec.high(keymap.of([{ key: "Escape", run: (view) => {
      if (!view.state.field(signature)) return false;
      view.dispatch({ effects: setSignature.of(null) });
      return true;
    } }])),
    EditorView.updateListener.of((update) => {
      const typed = update.docChanged && update.transactions.some((each) => TYPING.some((kind) => each.isUserEvent(kind)));
      const moved = update.selectionSet && update.state.field(signature);
      if (!typed && !moved) return;
      clearTimeout(waiting);
      waiting = window.setTimeout(() => void look(update.view), 80);
    }),
  ];
}

function tooltip(pos: number, shown: any, active: number): Tooltip {
  const parameter = shown.parameters?.[active];
  const label: string = shown.label;
  const [from, to] = Array.isArray(parameter?.label) ? parameter.label
    : parameter?.label && label.includes(parameter.label) ? [label.indexOf(parameter.label), label.indexOf(parameter.label) + parameter.label.length] : [0, 0];
  const dom = el("div", { className: "signature" },
    el("code", {}, label.slice(0, from), el("b", {}, label.slice(from, to)), label.slice(to)));
  if (parameter?.documentation ?? shown.documentation) dom.append(markdown(parameter?.documentation ?? shown.documentation));
  return { pos, above: true, arrow: false, create: () => ({ dom }) };
}
