// What the server says, as elements. Names and words of strangers are in it, so nothing but plain markup comes through.

import purify from "dompurify";
import { marked } from "marked";
import { byId, el, open, say } from "../dom";

const FORBIDDEN = { FORBID_TAGS: ["style", "form", "input", "button", "video", "audio", "svg", "math"], FORBID_ATTR: ["style", "id", "class", "name"] };

export function markdown(content: any): HTMLElement {
  const text = typeof content === "string" ? content : (content?.value ?? "");
  const made = el("div", { className: "markdown" });
  made.append(purify.sanitize(marked.parse(text, { async: false, breaks: false }), { ...FORBIDDEN, RETURN_DOM_FRAGMENT: true }));
  for (const picture of made.querySelectorAll("img")) if (!picture.src.startsWith("data:image/")) picture.remove();
  for (const link of made.querySelectorAll("a")) {
    const address = link.getAttribute("href") ?? "";
    if (/^https?:/.test(address)) Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
    else link.replaceWith(documented(address, link.textContent ?? "") ?? link.textContent ?? "");
  }
  return made;
}

/** The same where it may be longer than its place: keys can scroll what they can reach. */
export const scrolling = (made: HTMLElement): HTMLElement => Object.assign(made, { tabIndex: 0 });

const PAGE = /^file:.*\/docs\/((?:rules|options)\.md)#(.+)$/;

/** What leads to a place in the documentation, which the page shows by itself; nothing for other addresses. */
export function documented(address: string, words: string): HTMLElement | undefined {
  const [, page, anchor] = PAGE.exec(address) ?? [];
  if (!page || !anchor) return undefined;
  return el("button", { className: "link", textContent: words, onclick: () => void show(page, decodeURIComponent(anchor)) });
}

async function show(page: string, anchor: string): Promise<void> {
  const answer = await fetch(`docs/${page}`);
  if (!answer.ok) return say("This page of the documentation is not installed.");
  const [found] = sections(await answer.text(), anchor);
  byId("about-title").textContent = anchor;
  byId("about-body").replaceChildren(markdown(found ?? "Nothing is written about that."));
  open(byId<HTMLDialogElement>("about-dialog"));
}

/** The part of a page under the heading that is called so. */
function* sections(text: string, anchor: string): Iterable<string> {
  const head = /^(#+) +(.+)$/;
  const lines = text.split("\n");
  const begin = lines.findIndex((line) => head.exec(line)?.[2]?.replaceAll("`", "").replace(/^\//, "") === anchor);
  if (begin < 0) return;
  const level = head.exec(lines[begin]!)![1]!.length;
  const end = lines.findIndex((line, at) => at > begin && (/^<a id=/.test(line) || (head.exec(line)?.[1]?.length ?? 9) <= level));
  yield lines.slice(begin + 1, end < 0 ? undefined : end).join("\n");
}
