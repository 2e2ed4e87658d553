// Light or dark: the system's choice until the person makes one.

import { byId } from "./dom";

const KEY = "promptlang look";

export function look(): void {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const name = () => root.dataset.look ?? (dark.matches ? "dark" : "light");
  byId("look").addEventListener("click", () => {
    root.dataset.look = name() === "dark" ? "light" : "dark";
    try {
      localStorage.setItem(KEY, root.dataset.look);
    } catch {
      // it holds until the page is closed
    }
  });
  try {
    const kept = localStorage.getItem(KEY);
    if (kept === "dark" || kept === "light") root.dataset.look = kept;
  } catch {
    // nothing is kept here
  }
}
