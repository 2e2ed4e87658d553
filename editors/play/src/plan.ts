// What a statement will do: what `promptlang explain` says of it, with the plans behind it.

import { byId, copy, el, open, say } from "./dom";

export class Explaining {
  private socket: WebSocket | undefined;

  constructor(private readonly address: string) {}

  show(text: string, line: number): void {
    const order = JSON.stringify({ text, line });
    if (this.socket?.readyState === WebSocket.OPEN) return this.socket.send(order);
    this.socket = new WebSocket(this.address);
    this.socket.onopen = () => this.socket?.send(order);
    this.socket.onmessage = (event) => fill(JSON.parse(event.data));
    this.socket.onerror = () => say("The connection is gone; is `promptlang play` still running?");
  }
}

function fill(said: any): void {
  const each = said.explanation;
  if (!each) return say(said.message || "This statement draws nothing.");
  byId("plan-title").textContent = [`/${each.command}`, `parser ${each.parser}`, each.model || "no model"].join(" · ");
  const json = JSON.stringify(said.plans, null, 2);
  byId("plan-body").replaceChildren(
    el("p", { className: "words" }, each.text.trim() || "no prompt"),
    ...parts(each),
    el("details", {},
      el("summary", {}, `The ${said.plans.length === 1 ? "plan" : `${said.plans.length} plans`} as JSON`),
      el("button", { className: "small", textContent: "Copy", onclick: (event: Event) => void copy(event.currentTarget as HTMLButtonElement, json) }),
      el("pre", { tabIndex: 0, role: "group", "aria-label": "Plans as JSON" }, json)));
  open(byId<HTMLDialogElement>("plan"));
}

function* parts(each: any): Iterable<HTMLElement> {
  const worth = (name: string, rows: string[][]) => (rows.length ? part(name, table(rows)) : undefined);
  const found = [
    worth("Variants", each.variants.map((one: string) => [one])),
    each.weights.length > 1 || each.weights.some((one: any) => one[1] !== 1) ? part("Weights", weights(each.weights)) : undefined,
    each.negative.length ? part("Negative", weights(each.negative)) : undefined,
    each.schedule.length > 1 ? worth("Schedule", each.schedule.map(([until, text]: [number, string]) => [`to step ${until}`, text])) : undefined,
    each.conjunction.length > 1 ? worth("Together", each.conjunction.map(([text, weight]: [string, number]) => [`× ${weight}`, text])) : undefined,
    worth("Concepts", each.networks.map((one: any) => [one.kind, `${one.name} × ${one.weight}`])),
    part("Tokens", chunks(each)),
    worth("Model", [["family", each.family], ["known by", each.evidence], ["layer", each.layer]].filter((row) => row[1])),
    worth("What it does there", each.effects.map((one: any) => [one.feature, one.words])),
    worth("Options", each.options.map((one: any) => [one.name, one.value, one.origin])),
  ];
  for (const one of found) if (one) yield one;
}

const part = (name: string, body: HTMLElement): HTMLElement => el("section", {}, el("h3", {}, name), body);

const table = (rows: string[][]): HTMLElement =>
  el("table", {}, el("tbody", {}, ...rows.map(([name = "", ...values]) => el("tr", {}, el("th", { scope: "row" }, name), ...values.map((value) => el("td", {}, value))))));

/** Words with their weights; the bar is the weight, 1 in its middle. */
function weights(rows: [string, number][]): HTMLElement {
  return el("ul", { className: "weights" }, ...rows.map(([text, weight]) => {
    const bar = el("i");
    bar.style.width = `${Math.max(0, Math.min(100, weight * 50))}%`;
    return el("li", {}, el("span", {}, text.trim() || "␣"), el("span", { className: "track" }, bar), el("b", {}, String(weight)));
  }));
}

function chunks(each: any): HTMLElement {
  const said = (name: string, many: number, full: number) => [name, `${many} of ${75 * Math.max(1, full)} in ${full === 1 ? "1 chunk" : `${full} chunks`}`];
  const rows = [said("prompt", each.token_count, each.chunks.length)];
  if (each.negative.length) rows.push(said("negative", each.negative_token_count, each.negative_chunks.length));
  return table(rows);
}
