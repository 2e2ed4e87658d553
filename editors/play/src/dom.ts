// Elements, made and found.

type Child = Node | string | null | undefined;

/** An element with properties, attributes and children; strings are text, never HTML. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Record<string, unknown> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name in made) (made as any)[name] = value;
    else made.setAttribute(name, String(value));
  }
  made.append(...children.filter((each): each is Node | string => each !== null && each !== undefined));
  return made;
}

/** The element of the page with that id. */
export const byId = <Kind extends HTMLElement = HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;

/** `1 error`, `2 errors`. */
export const counted = (many: number, word: string): string => `${many} ${word}${many === 1 ? "" : "s"}`;

/** Says something where screen readers hear it, with something to press if there is one. */
export function say(message: string, act?: { title: string; run: () => void }): void {
  const place = byId("message");
  place.replaceChildren(message);
  if (!act) return;
  const run = () => {
    place.replaceChildren();
    act.run();
  };
  place.append(" ", el("button", { className: "small", textContent: act.title, onclick: run }));
}

/** Writes a text to the clipboard, and says so on the button that was pressed. */
export async function copy(button: HTMLButtonElement, text: string): Promise<void> {
  const words = button.textContent;
  await navigator.clipboard.writeText(text).then(
    () => (button.textContent = "Copied"),
    () => (button.textContent = "No clipboard"),
  );
  setTimeout(() => (button.textContent = words), 1200);
}

/** Shows a dialog; a press beside it closes it, as Escape does. */
export function open(dialog: HTMLDialogElement): void {
  dialog.onclick = (event) => {
    if (event.target === dialog) dialog.close();
  };
  if (!dialog.open) dialog.showModal();
}
