// A list to choose from, beside what was pressed: arrows, letters, Enter and Escape work.

import { el } from "./dom";

export interface Choice { title: string; detail?: string; run: () => void }
type Place = { left: number; top: number; bottom: number };

let shown: HTMLElement | undefined;

/** Show choices at a place; the focus goes back to `home` when the menu closes. */
export function menu(label: string, place: Place, choices: Choice[], home: () => void): void {
  close();
  const rows = choices.map((each) =>
    el("button", { role: "menuitem", tabIndex: -1, onclick: () => (close(), home(), each.run()) },
      el("span", {}, each.title), each.detail ? el("small", {}, each.detail) : null));
  const list = el("div", { className: "menu", role: "menu", "aria-label": label }, ...rows);
  shown = list;
  list.onkeydown = (event) => {
    const at = rows.indexOf(document.activeElement as HTMLButtonElement);
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 };
    const letter = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " ";
    if (event.key in steps) focus(steps[event.key]!);
    else if (event.key === "Escape" || event.key === "Tab") (close(), home());
    else if (letter) focus([...rows.keys()].map((step) => (at + 1 + step) % rows.length).find((row) => rows[row]!.textContent!.toLowerCase().startsWith(event.key)) ?? at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const focus = (row: number) => rows[(row + rows.length) % rows.length]?.focus();
  document.querySelector("body > header")!.append(list);
  const room = document.documentElement;
  const below = room.clientHeight - place.bottom > list.offsetHeight + 8 || place.top < list.offsetHeight;
  list.style.left = `${Math.max(8, Math.min(place.left, room.clientWidth - list.offsetWidth - 8))}px`;
  list.style.top = `${Math.max(8, below ? Math.min(place.bottom + 4, room.clientHeight - list.offsetHeight - 8) : place.top - list.offsetHeight - 4)}px`;
  focus(0);
  setTimeout(() => document.addEventListener("pointerdown", outside));
}

function outside(event: Event): void {
  if (!shown?.contains(event.target as Node)) close();
}

function close(): void {
  shown?.remove();
  shown = undefined;
  document.removeEventListener("pointerdown", outside);
}
