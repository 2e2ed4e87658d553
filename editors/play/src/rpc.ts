// JSON-RPC over a WebSocket: one text frame is one message.

export type Params = object;
type Waiting = { resolve: (result: any) => void; reject: (problem: Error) => void };

export class Connection {
  private readonly waiting = new Map<number, Waiting>();
  private readonly listeners = new Map<string, (params: any) => unknown>();
  private last = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.onmessage = (event) => void this.receive(JSON.parse(event.data));
  }

  static open(address: string): Promise<Connection> {
    const socket = new WebSocket(address);
    return new Promise((resolve, reject) => {
      socket.onopen = () => resolve(new Connection(socket));
      socket.onerror = () => reject(new Error("the language server does not answer"));
    });
  }

  onClose(act: () => void): void {
    this.socket.onclose = act;
  }

  /** Answer a request or notification of the server. */
  on(method: string, act: (params: any) => unknown): void {
    this.listeners.set(method, act);
  }

  notify(method: string, params: Params): void {
    this.socket.send(JSON.stringify({ jsonrpc: "2.0", method, params }));
  }

  request<Result>(method: string, params: Params): Promise<Result> {
    const id = ++this.last;
    this.socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  private async receive(message: any): Promise<void> {
    if (message.method !== undefined) {
      const result = await this.listeners.get(message.method)?.(message.params);
      if (message.id !== undefined) this.socket.send(JSON.stringify({ jsonrpc: "2.0", id: message.id, result: result ?? null }));
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.error) waiting?.reject(new Error(message.error.message));
    else waiting?.resolve(message.result);
  }
}
