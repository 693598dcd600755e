/** A clock that is moved by hand, and a network whose other side is the test. */

import type {
  Answer,
  ClientOptions,
  FileStore,
  Request,
  Socket,
  SocketEvents,
  Storage,
} from "../src/client/ports.ts";
import type { FileBytes } from "../src/index.ts";

export interface Wire {
  readonly url: string;
  readonly sent: { readonly op: number; readonly d: unknown }[];
  readonly events: SocketEvents;
  closedWith: number | null;
  say(frame: { readonly op: number; readonly d?: unknown; readonly s?: number; readonly t?: string }): void;
}

export type Respond = (
  request: Request,
) => { status: number; body?: unknown; headers?: Record<string, string> } | null;

export class Stage {
  now = 1_000_000;
  readonly wires: Wire[] = [];
  readonly requests: Request[] = [];
  readonly kept = new Map<string, string>();
  readonly files = new Map<string, FileBytes>();
  /** Whether files outlive a start here. */
  keepsFiles = true;
  /** Whether windows find no room for what they keep. */
  isFull = false;
  respond: Respond = () => ({ status: 404 });
  /** 0.5 unless told: jitter in the middle. */
  random = 0.5;
  private readonly windows: { told: (key: string) => void }[] = [];
  private readonly locks = new Map<string, Promise<void>>();
  private chance = 0;
  private timers: { at: number; callback: () => void; readonly order: number }[] = [];
  private order = 0;

  options(more: Partial<ClientOptions> = {}): ClientOptions {
    return {
      origin: "http://here",
      storage: this.storage(),
      files: this.fileStore(),
      now: () => this.now,
      random: () => this.random,
      clock: {
        after: (delay, callback) => {
          this.order += 1;
          const timer = { at: this.now + delay, callback, order: this.order };
          this.timers.push(timer);
          return () => {
            this.timers = this.timers.filter((each) => each !== timer);
          };
        },
      },
      transport: {
        request: (request) => this.answer(request),
        connect: (url, events) => this.connect(url, events),
      },
      ...more,
    };
  }

  get wire(): Wire {
    const last = this.wires.at(-1);
    if (last === undefined) throw new Error("nobody has connected");
    return last;
  }

  /** Lets time pass, and whatever was to happen in it; promises are settled in between. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    await settle();
    for (;;) {
      const next = this.timers
        .filter((each) => each.at <= end)
        .sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((each) => each !== next);
      this.now = Math.max(this.now, next.at);
      next.callback();
      await settle();
    }
    this.now = end;
    await settle();
  }

  /** What is kept because it waits, in whatever window. */
  waiting(): string {
    return [...this.kept].flatMap(([key, value]) => (key.includes(".waits.") ? [value] : [])).join("\n");
  }

  private storage(): Storage {
    return {
      get: async (key) => this.kept.get(key) ?? null,
      set: async (key, value) => void this.kept.set(key, value),
      remove: async (key) => void this.kept.delete(key),
      keys: async () => [...this.kept.keys()],
    };
  }

  /** What one of several windows of a browser has: they share what is kept, and know of each other by locks. */
  window(): Partial<ClientOptions> {
    const mine: { told: (key: string) => void } = { told: () => {} };
    this.windows.push(mine);
    const others = (key: string) => {
      for (const each of this.windows) if (each !== mine) each.told(key);
    };
    const { get, keys } = this.storage();
    return {
      storage: {
        get,
        keys,
        set: async (key, value) => {
          if (this.isFull) throw new Error("no room");
          this.kept.set(key, value);
          others(key);
        },
        remove: async (key) => {
          if (this.kept.delete(key)) others(key);
        },
      },
      exclusive: (name, job) => {
        const before = this.locks.get(name) ?? Promise.resolve();
        const done = before.then(job);
        this.locks.set(
          name,
          done.then(
            () => {},
            () => {},
          ),
        );
        return done;
      },
      elsewhere: (told) => {
        mine.told = told;
        return () => {
          mine.told = () => {};
        };
      },
      random: () => {
        this.chance += 1;
        return (this.chance % 97) / 97;
      },
    };
  }

  private fileStore(): FileStore {
    return {
      put: async (key, bytes) => {
        this.files.set(key, bytes);
        return this.keepsFiles;
      },
      get: async (key) => this.files.get(key) ?? null,
      remove: async (key) => void this.files.delete(key),
      keys: async () => [...this.files.keys()],
    };
  }

  private async answer(request: Request): Promise<Answer> {
    this.requests.push(request);
    const found = this.respond(request);
    if (found === null) throw new Error("nobody answers");
    const { status, body, headers = {} } = found;
    return {
      status,
      header: (name) => headers[name] ?? null,
      text: async () => (body === undefined ? "" : JSON.stringify(body)),
    };
  }

  private connect(url: string, events: SocketEvents): Socket {
    const wire: Wire = {
      url,
      sent: [],
      events,
      closedWith: null,
      say: (frame) => events.message(JSON.stringify({ d: null, s: null, t: null, ...frame })),
    };
    this.wires.push(wire);
    return {
      send: (text) => wire.sent.push(JSON.parse(text)),
      close: (code) => {
        wire.closedWith = code;
      },
    };
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
