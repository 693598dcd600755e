/** What a browser brings for the client: its network, its storage, its clock. */

import type {
  Answer,
  ClientOptions,
  FormPart,
  Request,
  Socket,
  SocketEvents,
  Storage,
  Transport,
} from "../client/ports.ts";
import { webFiles } from "./files.ts";

/** Everything `createClient` asks for, in a page that the program itself served. The session is a cookie. */
export function webOptions(): ClientOptions {
  return {
    origin: location.origin,
    storage: webStorage(),
    files: webFiles(),
    clock: webClock(),
    now: () => Date.now(),
    random: () => Math.random(),
    transport: webTransport(),
    cookieSession: true,
    elsewhere,
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
export function webStorage(): Storage {
  return {
    get: async (key) => localStorage.getItem(PREFIX + key),
    set: async (key, value) => localStorage.setItem(PREFIX + key, value),
    remove: async (key) => localStorage.removeItem(PREFIX + key),
    keys: async () => Object.keys(localStorage).flatMap((key) => ours(key) ?? []),
  };
}

const PREFIX = "nexus.";

function ours(key: string): string | null {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length) : null;
}

function elsewhere(told: (key: string) => void): () => void {
  const listen = (event: StorageEvent) => {
    const key = event.key === null ? null : ours(event.key);
    if (key !== null) told(key);
  };
  addEventListener("storage", listen);
  return () => removeEventListener("storage", listen);
}

async function request(request: Request): Promise<Answer> {
  if (request.form !== undefined) return send(request, formOf(request.form));
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

/** A form: `fetch` tells nobody how much of it is out. */
function send({ method, url, headers, timeout, upload }: Request, form: FormData): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.timeout = timeout;
    request.upload.onprogress = ({ loaded, total }) => upload?.sent(total === 0 ? 1 : loaded / total);
    request.onload = () =>
      resolve({
        status: request.status,
        header: (name) => request.getResponseHeader(name),
        text: async () => request.responseText,
      });
    const unanswered = () => reject(new Error("nobody answered"));
    request.onerror = unanswered;
    request.ontimeout = unanswered;
    request.onabort = unanswered;
    request.send(form);
    upload?.begun(() => request.abort());
  });
}

function formOf(parts: readonly FormPart[]): FormData {
  const form = new FormData();
  for (const part of parts) {
    if ("text" in part) form.append(part.field, part.text);
    else if (part.bytes instanceof Blob) {
      const bytes = part.kind === "" ? part.bytes : part.bytes.slice(0, part.bytes.size, part.kind);
      form.append(part.field, bytes, part.name);
    }
  }
  return form;
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
