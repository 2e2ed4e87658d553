// The parts of a narrow page: text, pictures, findings. A wide one shows them all.

const all = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("#tabs [role=tab]")];

/** Show one part where there is room for one only; the focus goes to its tab where it was in a part that is hidden now. */
export function show(name: string): void {
  document.body.dataset.view = name;
  const isLost = document.activeElement?.checkVisibility() === false;
  for (const tab of all()) {
    const chosen = tab.dataset.view === name;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    if (chosen && isLost) tab.focus();
  }
}

export function tabs(): void {
  const rows = all();
  for (const tab of rows) {
    tab.addEventListener("click", () => show(tab.dataset.view!));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = rows[(rows.indexOf(tab) + step + rows.length) % rows.length]!;
      show(next.dataset.view!);
      next.focus();
    });
  }
}
