// One picture large, or two laid over each other with a slider between them.

import { byId, copy, el, open } from "../dom";
import { type Picture, differences } from "./words";

type Way = "slider" | "beside" | "difference";

export class Viewer {
  pictures: () => Picture[] = () => [];
  private readonly dialog = byId<HTMLDialogElement>("viewer");
  private readonly body = byId("viewer-body");
  private shown: Picture | undefined;

  constructor(private readonly put: (text: string) => void) {
    this.dialog.addEventListener("keydown", (event) => {
      if ((event.target as HTMLElement).matches("input")) return;
      if (event.key === "ArrowRight") this.step(1);
      if (event.key === "ArrowLeft") this.step(-1);
    });
    byId("viewer-close").addEventListener("click", () => this.dialog.close());
  }

  show(picture: Picture): void {
    this.shown = picture;
    const all = this.pictures();
    const at = all.indexOf(picture);
    byId("viewer-title").textContent = picture.name;
    const older = at >= 0 ? all[at + 1] : undefined;
    const buttons = el("div", { className: "bar" },
      at >= 0 && all.length > 1 ? el("button", { textContent: "‹ Newer", disabled: at === 0, onclick: () => this.step(-1) }) : null,
      at >= 0 && all.length > 1 ? el("button", { textContent: "Older ›", disabled: !older, onclick: () => this.step(1) }) : null,
      older ? el("button", { textContent: "Compare with the older", onclick: () => this.compare(older, picture) }) : null,
      el("a", { className: "button", href: picture.url, download: picture.name, textContent: "Download" }),
      picture.statement ? el("button", { textContent: "Put back", title: "Put the statement that draws this picture at the end of the text", onclick: () => (this.dialog.close(), this.put(picture.statement)) }) : null,
      picture.statement ? el("button", { textContent: "Copy the statement", onclick: (event: Event) => void copy(event.currentTarget as HTMLButtonElement, picture.statement) }) : null);
    this.fill(
      el("div", { className: "stage" }, large(picture)),
      buttons,
      rows(Object.entries(picture.facts).map(([name, value]) => [name, value])));
  }

  compare(first: Picture, second: Picture, way: Way = "slider"): void {
    this.shown = undefined;
    byId("viewer-title").textContent = `${first.name} and ${second.name}`;
    const choice = (name: Way, words: string) => el("button", { textContent: words, "aria-pressed": String(name === way), onclick: () => this.compare(first, second, name) });
    const changed = differences(first, second);
    this.fill(
      way === "beside" ? el("div", { className: "beside" }, large(first), large(second)) : laid(first, second, way),
      el("div", { className: "bar" }, choice("slider", "Slider"), choice("beside", "Side by side"), choice("difference", "Difference"),
        el("button", { textContent: "Swap", onclick: () => this.compare(second, first, way) })),
      changed.length ? rows([["", "first", "second"], ...changed.map((each) => [each.name, each.first || "–", each.second || "–"])]) : el("p", {}, "Both are drawn by the same plan."));
  }

  private step(by: number): void {
    const all = this.pictures();
    const next = this.shown && all[all.indexOf(this.shown) + by];
    if (next) this.show(next);
  }

  private fill(...parts: HTMLElement[]): void {
    const pressed = this.body.contains(document.activeElement) ? document.activeElement!.textContent : undefined;
    this.body.replaceChildren(...parts);
    if (!this.dialog.open) {
      open(this.dialog);
      byId("viewer-close").focus();
    } else if (pressed !== undefined) this.goOn(pressed);
  }

  /** The focus where it was, on a button of the same words; else on the slider, if there is one. */
  private goOn(pressed: string | null): void {
    const all = [...this.body.querySelectorAll<HTMLElement>("button:enabled, input")];
    (all.find((each) => each.textContent === pressed) ?? all.find((each) => each.matches("input")) ?? byId("viewer-close")).focus();
  }
}

const large = (picture: Picture): HTMLElement => el("img", { src: picture.url, alt: picture.facts.prompt ?? picture.name });

function laid(first: Picture, second: Picture, way: Way): HTMLElement {
  const upper = large(first);
  const stage = el("div", { className: `stage laid ${way}` }, large(second), upper);
  if (way !== "slider") return stage;
  const slider = el("input", { type: "range", min: "0", max: "100", value: "50", "aria-label": "How much of the first picture is shown" });
  const cut = () => {
    upper.style.clipPath = `inset(0 ${100 - Number(slider.value)}% 0 0)`;
    stage.style.setProperty("--cut", `${slider.value}%`);
  };
  slider.addEventListener("input", cut);
  stage.append(el("i", { className: "cut" }), slider);
  cut();
  return stage;
}

function rows(all: string[][]): HTMLElement {
  return el("table", {}, el("tbody", {}, ...all.map(([name = "", ...values]) =>
    el("tr", {}, name ? el("th", { scope: "row" }, name) : el("td"), ...values.map((each) => el(name ? "td" : "th", name ? {} : { scope: "col" }, each))))));
}
