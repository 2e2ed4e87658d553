// The pictures of the session, newest first, each with its statement: asks for renders and shows how far they are.

import { byId, copy, counted, el, say } from "../dom";
import type { Viewer } from "./viewer";
import { type Picture, caption } from "./words";

interface Run { id: number; statement: string; time: number; wanted: number; pictures: Picture[]; complaint: string; stopped: boolean }

const DRAWING = "drawing";
const EXCERPT = /^ *(\d+ [-+|]|\||-->)/; // a line of the text that a finding shows, or of the marks below it

export class Gallery {
  private socket: WebSocket | undefined;
  private runs: Run[] = []; // the newest first
  private readonly places = new Map<Run, HTMLElement>();
  private chosen: Picture | undefined;
  private began = 0;
  private ticking = 0; // the seconds beside the words
  private order = "";

  constructor(private readonly address: string, private readonly viewer: Viewer, private readonly put: (text: string) => void) {
    viewer.pictures = () => this.all();
    byId("stop").addEventListener("click", () => this.stop());
  }

  get isDrawing(): boolean {
    return document.body.classList.contains(DRAWING);
  }

  /** Show what was drawn before the page was loaded again. */
  async recall(): Promise<void> {
    const found = await fetch("history.json").then((answer) => answer.json()).catch(() => ({ runs: [] }));
    for (const run of found.runs as Run[]) this.begin(run);
    for (const run of this.runs) this.show(run);
    this.settled();
  }

  /** Render the statement at a line; says so while another is drawn. */
  render(text: string, line: number): void {
    if (this.isDrawing) return say("A statement is being drawn already; stop it first.");
    document.body.classList.add(DRAWING);
    document.body.classList.remove("empty");
    this.began = performance.now();
    this.preview("");
    this.progress("loading the model …", 0);
    byId("gallery").scrollTop = 0; // how far it is stands above what was drawn before
    say("");
    this.order = JSON.stringify({ text, line });
    if (this.socket?.readyState === WebSocket.OPEN) return this.socket.send(this.order);
    this.socket = new WebSocket(this.address);
    this.socket.onopen = () => this.socket?.send(this.order);
    this.socket.onmessage = (event) => this.hear(JSON.parse(event.data));
    this.socket.onclose = () => {
      if (!this.isDrawing) return;
      this.ended("The connection is gone; is `promptlang play` still running?", false);
    };
  }

  stop(): void {
    if (this.isDrawing) this.socket?.send("cancel");
  }

  private hear(said: any): void {
    const [run] = this.runs;
    switch (said.kind) {
      case "begin":
        return this.show(this.begin({ ...said, pictures: [], complaint: "", stopped: false }));
      case "glimpse":
        return this.glimpse(said);
      case "picture":
        if (!run) return;
        run.pictures.push({ ...said.picture, seconds: (performance.now() - this.began) / 1000 });
        this.preview("");
        this.show(run);
        return this.drawn(run);
      case "end":
        return this.ended(said.code === 0 || said.cancelled ? "" : said.message.trim(), said.cancelled);
    }
  }

  private begin(run: Run): Run {
    this.runs.unshift(run);
    const place = el("article", { className: "run" });
    this.places.set(run, place);
    byId("runs").prepend(place);
    return run;
  }

  /** The picture so far. */
  private glimpse(said: any): void {
    this.preview(said.url);
    const wanted = this.runs[0]?.wanted ?? 1;
    const made = this.runs[0]?.pictures.filter((each) => !each.page).length ?? 0;
    const step = said.steps ? `step ${said.step} of ${said.steps}` : "drawing";
    const share = said.steps ? Math.min(said.step / said.steps, 1) : 0;
    this.progress(wanted > 1 ? `${step}, ${made} of ${wanted} finished` : step, (made + share) / Math.max(1, wanted));
  }

  private drawn(run: Run): void {
    const finished = run.pictures.filter((each) => !each.page).length;
    this.progress(`${Math.min(finished, run.wanted)} of ${run.wanted} finished`, finished / Math.max(1, run.wanted));
  }

  private ended(complaint: string, stopped: boolean): void {
    clearInterval(this.ticking);
    document.body.classList.remove(DRAWING);
    this.preview("");
    const [run] = this.runs;
    if (run) {
      run.complaint = complaint;
      run.stopped = stopped;
      const made = run.pictures.filter((each) => !each.page).length;
      say(complaint ? "That could not be drawn." : stopped ? "Stopped." : `${counted(made, "picture")} in ${((performance.now() - this.began) / 1000).toFixed(1)} s.`);
      if (!made && !complaint) this.forget(run);
      else this.show(run);
    } else if (complaint) say(complaint);
    this.settled();
  }

  private settled(): void {
    document.body.classList.toggle("empty", !this.runs.length && !this.isDrawing);
    const many = this.all().length;
    byId("pictures-count").textContent = many ? ` ${many}` : "";
  }

  private forget(run: Run): void {
    this.places.get(run)?.remove();
    this.places.delete(run);
    this.runs = this.runs.filter((each) => each !== run);
  }

  private progress(words: string, share: number): void {
    byId("progress-words").firstChild!.textContent = words;
    clearInterval(this.ticking);
    const tick = () => (byId("progress-time").textContent = `${Math.round((performance.now() - this.began) / 1000)} s`);
    tick();
    this.ticking = window.setInterval(tick, 1000);
    const bar = byId<HTMLProgressElement>("progress");
    if (share > 0) bar.value = share;
    else bar.removeAttribute("value"); // how far the first one is, nobody says
  }

  private preview(address: string): void {
    const place = byId<HTMLImageElement>("preview");
    place.hidden = !address;
    if (address) place.src = address;
    else place.removeAttribute("src");
  }

  private all(): Picture[] {
    return this.runs.flatMap((run) => run.pictures).filter((each) => !each.page);
  }

  /** The last picture that was drawn before a run. */
  private before(run: Run): Picture | undefined {
    const older = this.runs.slice(this.runs.indexOf(run) + 1);
    return older.find((each) => each.pictures.some((one) => !one.page))?.pictures.find((each) => !each.page);
  }

  private show(run: Run): void {
    const when = new Date(run.time * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const statement = run.statement.trim();
    const title = el("h3", {}, el("code", {}, statement.split("\n").filter((each) => !each.startsWith("#")).join(" ") || "nothing"));
    const acts = el("div", { className: "acts" },
      el("time", {}, when),
      run.stopped ? el("span", {}, "stopped") : null,
      el("button", { className: "small", textContent: "Copy", "aria-label": `Copy the statement of ${when}`, onclick: (event: Event) => void copy(event.currentTarget as HTMLButtonElement, statement) }),
      el("button", { className: "small", textContent: "Put back", title: "Put this statement at the end of the text", "aria-label": `Put back the statement of ${when}`, onclick: () => this.put(statement) }));
    const before = this.before(run);
    const figures = run.pictures.map((each) => this.figure(each, caption(each, run.pictures, before)));
    const complaint = run.complaint ? el("pre", { className: "complaint", tabIndex: 0, role: "group", "aria-label": "Why it was not drawn" }, ...lines(run.complaint)) : null;
    this.places.get(run)!.replaceChildren(el("header", {}, title, acts), ...(complaint ? [complaint] : []), el("div", { className: "figures" }, ...figures));
  }

  private figure(picture: Picture, words: string): HTMLElement {
    const image = el("img", { src: picture.url, alt: "" });
    const enlarge = el("button", { className: "enlarge", "aria-label": `Enlarge: ${words}`, onclick: () => this.viewer.show(picture) }, image);
    const compare = el("button", { className: "small compare", textContent: "Compare", "aria-pressed": "false", "aria-label": `Compare: ${words}` });
    compare.onclick = () => this.choose(picture, compare);
    const caption = el("figcaption", {}, el("span", { title: words }, words), picture.page ? null : compare);
    const figure = el("figure", { className: picture.page ? "page" : "" }, enlarge, caption);
    image.onload = () => figure.classList.toggle("wide", image.naturalWidth > image.naturalHeight * 1.6);
    return figure;
  }

  /** The second picture that is chosen is laid over the first. */
  private choose(picture: Picture, button: HTMLButtonElement): void {
    const first = this.chosen;
    for (const each of document.querySelectorAll(".compare")) each.setAttribute("aria-pressed", "false");
    this.chosen = first ? undefined : picture;
    say(first ? "" : "Choose the picture to compare it with.");
    if (!first) button.setAttribute("aria-pressed", "true");
    else if (first !== picture) this.viewer.compare(first, picture);
  }
}

/** The lines of a message; those of an excerpt are not broken, so that the marks stay under their words. */
const lines = (text: string): HTMLElement[] => text.split("\n").map((line) => el("span", { className: EXCERPT.test(line) ? "excerpt" : "" }, `${line}\n`));
