/** What a browser brings for the client: its network, its storage, its clock. */

import type {
  Answer,
  ClientOptions,
  Request,
  Socket,
  SocketEvents,
  Storage,
  Transport,
} from "../client/ports.ts";

/** Everything `createClient` asks for, in a page that the program itself served. The session is a cookie. */
export function webOptions(): ClientOptions {
  return {
    origin: location.origin,
    storage: webStorage(),
    clock: webClock(),
    now: () => Date.now(),
    random: () => Math.random(),
    transport: webTransport(),
    cookieSession: true,
    ...("locks" in navigator ? { exclusive } : {}),
  };
}

function exclusive<T>(name: string, job: () => Promise<T>): Promise<T> {
  return navigator.locks.request(`nexus.${name}`, job) as Promise<T>;
}

export function webTransport(): Transport {
  return { request, connect };
}

export function webClock(): ClientOptions["clock"] {
  return {
    after(delay, callback) {
      const timer = setTimeout(callback, delay);
      return () => clearTimeout(timer);
    },
  };
}

/** The page's `localStorage`. Without one (a private window may have none) nothing is kept. */
export function webStorage(prefix = "nexus."): Storage {
  return {
    get: async (key) => localStorage.getItem(prefix + key),
    set: async (key, value) => localStorage.setItem(prefix + key, value),
    remove: async (key) => localStorage.removeItem(prefix + key),
  };
}

async function request(request: Request): Promise<Answer> {
  const response = await fetch(request.url, {
    method: request.method,
    headers: request.headers,
    credentials: "same-origin",
    cache: "no-store",
    signal: AbortSignal.timeout(request.timeout),
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  return {
    status: response.status,
    header: (name) => response.headers.get(name),
    text: () => response.text(),
  };
}

function connect(url: string, events: SocketEvents): Socket {
  const socket = new WebSocket(url);
  socket.onopen = () => events.open();
  socket.onmessage = (message: MessageEvent<unknown>) => events.message(String(message.data));
  socket.onclose = (close) => events.close(close.code);
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: (code) => socket.close(code),
  };
}
