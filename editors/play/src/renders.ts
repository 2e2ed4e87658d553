// The pictures beside the text: asks for renders, shows how far they are and what came of them.

const DRAWING = "drawing";

export class Gallery {
  private socket: WebSocket | undefined;
  private wanted = 0;
  private finished = 0;
  private began = 0;

  constructor(private readonly root: HTMLElement, private readonly address: string) {
    this.part("cancel").addEventListener("click", () => this.cancel());
    this.part("viewer").addEventListener("click", () => this.part<HTMLDialogElement>("viewer").close());
  }

  get isDrawing(): boolean {
    return this.root.classList.contains(DRAWING);
  }

  /** Render the statement at a line; does nothing while another is drawn. */
  render(text: string, line: number): void {
    if (this.isDrawing) return;
    this.root.classList.add(DRAWING);
    this.root.classList.remove("empty");
    this.part("complaint").textContent = "";
    this.began = performance.now();
    this.progress("loading the model …", 0);
    const order = JSON.stringify({ text, line });
    if (this.socket?.readyState === WebSocket.OPEN) return this.socket.send(order);
    this.socket = new WebSocket(this.address);
    this.socket.onopen = () => this.socket?.send(order);
    this.socket.onmessage = (event) => this.hear(JSON.parse(event.data));
    this.socket.onclose = () => this.ended("The connection is gone; is `promptlang play` still running?");
  }

  cancel(): void {
    this.socket?.send("cancel");
  }

  private hear(said: any): void {
    switch (said.kind) {
      case "begin":
        this.wanted = said.pictures;
        this.finished = 0;
        return this.part("pictures").prepend(document.createElement("section"));
      case "picture":
        this.finished = Math.min(this.finished + 1, this.wanted); // a grid is one more
        this.show(said.url, said.name);
        return this.progress(`${this.finished} of ${this.wanted}`, this.finished / this.wanted);
      case "end":
        return this.ended(said.code === 0 || said.cancelled ? "" : said.message.trim());
    }
  }

  private ended(complaint: string): void {
    this.root.classList.remove(DRAWING);
    this.part("complaint").textContent = complaint;
    this.part("pictures").querySelectorAll("section:empty").forEach((each) => each.remove());
    this.root.classList.toggle("empty", !complaint && this.part("pictures").childElementCount === 0);
  }

  private progress(words: string, share: number): void {
    this.part("progress-words").textContent = words;
    this.part("progress-bar").style.width = `${Math.max(share, 0.03) * 100}%`;
  }

  private show(url: string, name: string): void {
    const figure = document.createElement("figure");
    const picture = new Image();
    const caption = document.createElement("figcaption");
    picture.src = url;
    picture.alt = name;
    picture.onload = () => {
      const seconds = ((performance.now() - this.began) / 1000).toFixed(1);
      caption.textContent = `${picture.naturalWidth} × ${picture.naturalHeight} · ${seconds} s`;
      caption.title = name;
      if (picture.naturalWidth > picture.naturalHeight * 1.6) figure.classList.add("wide");
    };
    picture.onclick = () => this.enlarge(url);
    figure.append(picture, caption);
    this.part("pictures").firstElementChild!.append(figure);
  }

  private enlarge(url: string): void {
    const viewer = this.part<HTMLDialogElement>("viewer");
    viewer.querySelector("img")!.src = url;
    viewer.showModal();
  }

  private part<Kind extends HTMLElement = HTMLElement>(name: string): Kind {
    return this.root.querySelector<Kind>(`[data-part="${name}"]`)!;
  }
}
