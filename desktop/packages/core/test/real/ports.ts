/** What Node.js brings for the client, in place of a browser. */

import { WebSocket } from "ws";
import type { Client } from "../../src/client/client.ts";
import type {
  ClientOptions,
  FileStore,
  Socket,
  SocketEvents,
  Storage,
  Transport,
} from "../../src/client/ports.ts";
import { createClient } from "../../src/index.ts";
import type { State } from "../../src/state/state.ts";

export function memoryStorage(kept = new Map<string, string>()): Storage {
  return {
    get: async (key) => kept.get(key) ?? null,
    set: async (key, value) => void kept.set(key, value),
    remove: async (key) => void kept.delete(key),
    keys: async () => [...kept.keys()],
  };
}

function socketTo(url: string, events: SocketEvents, headers: Record<string, string> = {}): Socket {
  const socket = new WebSocket(url, { headers });
  socket.on("open", () => events.open());
  socket.on("message", (data) => events.message(String(data)));
  socket.on("error", () => {});
  socket.on("close", (code) => events.close(code));
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: (code) => socket.close(code),
  };
}

const transport: Transport = {
  async request(request) {
    const { method, headers, body } = request;
    const signal = AbortSignal.timeout(request.timeout);
    // A kept connection that the line has cut would fail the next call, which is not what is tested.
    const fresh = { ...headers, connection: "close" };
    const response = await fetch(request.url, {
      method,
      headers: fresh,
      signal,
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: response.status,
      header: (name) => response.headers.get(name),
      text: () => response.text(),
    };
  },
  connect: (url, events) => socketTo(url, events),
};

/** Nothing is sent with files here: a browser does that. */
const files: FileStore = {
  put: async () => false,
  get: async () => null,
  remove: async () => {},
  keys: async () => [],
};

export function nodeOptions(origin: string, storage: Storage): ClientOptions {
  return {
    origin,
    storage,
    files,
    transport,
    clock: {
      after(delay, callback) {
        const timer = setTimeout(callback, delay);
        return () => clearTimeout(timer);
      },
    },
    now: () => Date.now(),
    random: () => Math.random(),
  };
}

/** A client that keeps its session as a page does: in cookies, here a map from name to value. */
export function cookieClientAt(
  origin: string,
  jar = new Map<string, string>(),
  storage = memoryStorage(),
): { readonly client: Client; readonly jar: Map<string, string>; readonly options: ClientOptions } {
  const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
  const base = nodeOptions(origin, storage);
  const paged: Transport = {
    async request({ method, url, body, headers }) {
      const sent = { ...headers, cookie: cookies(), origin, connection: "close" };
      const response = await fetch(url, { method, headers: sent, ...(body === undefined ? {} : { body }) });
      for (const line of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (value === "") jar.delete(name);
        else jar.set(name, value);
      }
      return {
        status: response.status,
        header: (name) => response.headers.get(name),
        text: () => response.text(),
      };
    },
    connect: (url, events) => socketTo(url, events, { cookie: cookies(), origin }),
  };
  const options: ClientOptions = { ...base, transport: paged, cookieSession: true };
  return { client: createClient(options), jar, options };
}

export function clientAt(origin: string, storage = memoryStorage()): Client {
  return createClient(nodeOptions(origin, storage));
}

/** A client that has a token already. */
export async function signedIn(origin: string, token: string): Promise<Client> {
  const storage = memoryStorage(new Map([["session", JSON.stringify({ token, refreshToken: null })]]));
  const client = clientAt(origin, storage);
  await client.start();
  await until(client, (state) => state.session.phase === "ready");
  return client;
}

/** Waits until the state is so. How long that may take is the test's own limit. */
export function until(client: Client, is: (state: State) => boolean): Promise<State> {
  const now = client.store.getState();
  if (is(now)) return Promise.resolve(now);
  return new Promise((resolve) => {
    const stop = client.store.subscribe((state) => {
      if (!is(state)) return;
      stop();
      resolve(state);
    });
  });
}
