// How many tokens the statement at the cursor takes.

import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { byId } from "../dom";
import type { Server } from "./server";

export function tokens(server: Server): Extension {
  let waiting = 0;
  return EditorView.updateListener.of((update) => {
    if (!update.docChanged && !update.selectionSet) return;
    clearTimeout(waiting);
    waiting = window.setTimeout(() => void count(server), 120);
  });
}

export async function count(server: Server): Promise<void> {
  const { state } = server.view;
  const line = state.doc.lineAt(state.selection.main.head).number - 1;
  const counted = await server.execute<any>("promptlang.tokens", server.uri, line).catch(() => undefined);
  if (!counted) return;
  const full = counted.chunks * counted.chunk;
  byId("tokens").textContent = `${counted.positive} of ${full} tokens`;
  byId<HTMLMeterElement>("tokens-meter").value = Math.min(1, counted.positive / full);
}
