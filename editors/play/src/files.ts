// Texts in and out: files, examples, and the draft that a reload or a crash finds again. Nothing is ever lost unsaid.

import type { EditorView } from "@codemirror/view";
import { byId, el, open, say } from "./dom";

interface Draft { text: string; base: string; time: number }
interface Tab { name: string; text: string; base: string; ending: string }
export interface Settings { uri: string; folder: string; name: string; text: string; version: string; examples: { title: string; about: string; text: string }[] }

const TAB = `promptlang tab ${location.pathname}`;
const SAVED = 300; // milliseconds without a key, after which the draft is written
const TYPES = [{ description: "Prompts", accept: { "text/plain": [".prompt", ".txt"] } }];
const picks = window as any;

export class Files {
  private view!: EditorView;
  private handle: any; // of the file that was opened or saved, where the browser has such things
  private base: string; // what the file holds, as far as known here
  private ending = "\n"; // the file's own
  private waiting = 0;
  private failed = false;
  name: string;

  constructor(private readonly settings: Settings, private readonly renamed: (uri: string) => void) {
    this.base = normal(settings.text);
    if (settings.text.includes("\r\n")) this.ending = "\r\n";
    this.name = settings.name;
  }

  /** The text to begin with: what this tab showed before a reload, else the draft where there is one, else the file. */
  first(): { text: string; told: (() => void) | undefined } {
    const tab = this.tab();
    if (tab && tab.name !== this.name) {
      [this.name, this.base, this.ending] = [tab.name, tab.base, tab.ending];
      return { text: tab.text, told: undefined };
    }
    const draft = this.draft();
    if (!draft || draft.text === this.base) return { text: this.base, told: undefined };
    const when = new Date(draft.time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const other = { title: "Show the file's text", run: () => this.replace(this.base) };
    const told = draft.base === this.base
      ? () => say(`Your draft of ${when} is back.`, other)
      : () => say(`${this.name} has changed since your draft of ${when}, which is shown.`, other);
    return { text: draft.text, told };
  }

  begin(view: EditorView): void {
    this.view = view;
    this.show();
    addEventListener("pagehide", () => this.write());
    document.addEventListener("visibilitychange", () => document.hidden && this.write());
    addEventListener("beforeunload", (event) => {
      this.write();
      if (this.failed && this.isChanged) event.preventDefault();
    });
    addEventListener("storage", (event) => {
      if (event.key === this.key && event.newValue) say(`${this.name} is edited in another tab, too; each tab keeps its own text until it is closed.`);
    });
  }

  changed(): void {
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.write(), SAVED);
    this.show();
  }

  private get text(): string { return this.view.state.doc.toString(); }
  private get isChanged(): boolean { return this.text !== this.base; }
  private get key(): string { return `promptlang draft ${this.settings.folder}/${this.name}`; }

  /** Where the text lies, for the server: a project beside it counts. */
  get uri(): string {
    return this.name === this.settings.name ? this.settings.uri : `${this.settings.folder.replace(/\/$/, "")}/${encodeURIComponent(this.name)}`;
  }

  private show(): void {
    byId("name").textContent = this.name;
    byId("changed").hidden = !this.isChanged;
    document.title = `${this.isChanged ? "• " : ""}${this.name} – promptlang play`;
  }

  // --- the draft ------------------------------------------------------------------------------------------------------

  private draft(): Draft | null {
    for (const store of [sessionStorage, localStorage]) {
      try {
        const found = JSON.parse(store.getItem(this.key) ?? "null");
        if (typeof found?.text === "string" && typeof found?.base === "string") return found;
      } catch {
        // a draft that cannot be read is none
      }
    }
    return null;
  }

  /** What this tab shows: a reload finds a file again that was opened here. */
  private tab(): Tab | null {
    try {
      return JSON.parse(sessionStorage.getItem(TAB) ?? "null");
    } catch {
      return null;
    }
  }

  private write(): void {
    clearTimeout(this.waiting);
    const draft: Draft = { text: this.text, base: this.base, time: Date.now() };
    try {
      sessionStorage.setItem(TAB, JSON.stringify({ name: this.name, text: draft.text, base: this.base, ending: this.ending }));
      for (const store of [sessionStorage, localStorage]) {
        if (this.isChanged) store.setItem(this.key, JSON.stringify(draft));
        else store.removeItem(this.key);
      }
      this.failed = false;
    } catch {
      if (!this.failed) say("This browser keeps no draft of the text: save it before you leave the page.");
      this.failed = true;
    }
  }

  // --- files ----------------------------------------------------------------------------------------------------------

  async open(): Promise<void> {
    if (picks.showOpenFilePicker) {
      const [handle] = await picks.showOpenFilePicker({ types: TYPES }).catch(() => []);
      if (handle) await this.take(await handle.getFile(), handle);
      return;
    }
    const input = el("input", { type: "file", accept: ".prompt,.txt,text/plain" });
    input.onchange = () => input.files?.[0] && void this.take(input.files[0], undefined);
    input.click();
  }

  /** A file that was chosen or dropped; what was there before comes back with undo. */
  async take(file: File, handle: any): Promise<void> {
    if (file.size > 1 << 22) return say(`${file.name} is larger than a prompt can be here (4 MiB).`);
    const bytes = await file.arrayBuffer();
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      return say(`${file.name} is no UTF-8 text; it was not opened.`);
    }
    const before = { text: this.text, isChanged: this.isChanged, name: this.name };
    this.write();
    this.handle = handle;
    this.called(file.name);
    this.ending = text.includes("\r\n") ? "\r\n" : "\n";
    this.base = normal(text);
    const draft = this.draft();
    this.replace(this.base);
    if (draft && draft.text !== this.base) say(`There is a draft of ${file.name} that was not saved.`, { title: "Take the draft", run: () => this.replace(draft.text) });
    else if (before.isChanged) say(`${file.name} is open; the draft of ${before.name} is kept.`, { title: "Copy the draft's text", run: () => void navigator.clipboard.writeText(before.text) });
    else say(`${file.name} is open.`);
  }

  async save(): Promise<void> {
    if (!picks.showSaveFilePicker) return this.download();
    let known = this.handle !== undefined;
    if (!known) {
      const handle = await picks.showSaveFilePicker({ suggestedName: this.name, types: TYPES }).catch(() => undefined);
      if (!handle) return;
      this.handle = handle;
    }
    try {
      const there = known ? normal(await (await this.handle.getFile()).text()) : this.base;
      if (there !== this.base && there !== this.text) return this.conflict(there);
      await this.put();
    } catch (problem) {
      say(`${this.name} could not be saved: ${(problem as Error).message}`);
    }
  }

  private async put(): Promise<void> {
    const text = this.text;
    const file = await this.handle.createWritable();
    await file.write(text.replaceAll("\n", this.ending));
    await file.close();
    this.forget();
    this.base = text;
    if (this.handle.name !== this.name) this.called(this.handle.name);
    this.write();
    this.show();
    say(`${this.name} is saved.`);
  }

  private download(): void {
    const address = URL.createObjectURL(new Blob([this.text.replaceAll("\n", this.ending)], { type: "text/plain" }));
    el("a", { href: address, download: this.name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    say(`${this.name} is in your downloads; its draft is kept here as well.`);
  }

  /** Somebody else wrote the file since it was opened: nothing is written before the person has chosen. */
  private conflict(there: string): void {
    const dialog = byId<HTMLDialogElement>("conflict");
    byId("conflict-name").textContent = this.name;
    dialog.returnValue = "";
    open(dialog);
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "mine") void this.put().catch((problem) => say(`${this.name} could not be saved: ${problem.message}`));
      if (dialog.returnValue === "theirs") (this.base = there, this.replace(there));
      if (dialog.returnValue === "other") (this.handle = undefined, void this.save());
    }, { once: true });
  }

  private called(name: string): void {
    this.name = name;
    this.renamed(this.uri);
    this.show();
  }

  private forget(): void {
    for (const store of [sessionStorage, localStorage]) {
      try {
        store.removeItem(this.key);
      } catch {
        // nothing was kept there
      }
    }
  }

  /** Another text in place of this one, which undo brings back. */
  replace(text: string): void {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text }, selection: { anchor: 0 }, userEvent: "input.replace", scrollIntoView: true });
    this.view.focus();
  }

  /** An example in place of the text, and the way back. */
  example(text: string, back: () => void): void {
    this.replace(normal(text));
    say("The example is in place of your text.", { title: "Undo", run: back });
  }
}

const normal = (text: string): string => text.replace(/^\ufeff/, "").replaceAll(/\r\n?/g, "\n");
