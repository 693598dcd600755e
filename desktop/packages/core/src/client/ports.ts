/** What the client needs of the world around it. A browser's are in `@nexus/core/web`, a test's are made by hand. */

import type { Millis } from "../model/entities.ts";
import type { FileBytes } from "../model/files.ts";

/** Keeps text by name, across starts. May fail; the client then goes on without. */
export interface Storage {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
  keys(): Promise<readonly string[]>;
}

/** Keeps the bytes of files by name, across starts where it can. May fail as well. */
export interface FileStore {
  /** Whether they outlive this page. Where they do not, they are there as long as it is. */
  put(key: string, bytes: FileBytes): Promise<boolean>;
  /** None where they are not here any more, or cannot be read. */
  get(key: string): Promise<FileBytes | null>;
  remove(key: string): Promise<void>;
  keys(): Promise<readonly string[]>;
}

export interface Clock {
  /** Calls back once, after so many milliseconds. Calling what it returns prevents that. */
  after(delay: Millis, callback: () => void): () => void;
}

export interface Answer {
  readonly status: number;
  header(name: string): string | null;
  text(): Promise<string>;
}

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** In place of a body: `multipart/form-data`. */
  readonly form?: readonly FormPart[];
  /** Who watches a form go out. */
  readonly upload?: Upload;
  /** Milliseconds until it counts as not answered. */
  readonly timeout: number;
}

export type FormPart =
  | { readonly field: string; readonly text: string }
  | { readonly field: string; readonly name: string; readonly kind: string; readonly bytes: FileBytes };

export interface Upload {
  /** It is on its way; calling what it is given breaks it off: then nobody answers. */
  begun(breakOff: () => void): void;
  /** How much of it is out, from 0 to 1. */
  sent(share: number): void;
}

export interface Socket {
  send(text: string): void;
  close(code: number): void;
}

export interface SocketEvents {
  open(): void;
  message(text: string): void;
  /** Called once, whoever closed it; nothing is called afterwards. */
  close(code: number): void;
}

/** The network. */
export interface Transport {
  /** @throws Where nobody answered in time. */
  request(request: Request): Promise<Answer>;
  connect(url: string, events: SocketEvents): Socket;
}

export interface ClientOptions {
  /** Where the program is: scheme, host and port, without a slash at its end. */
  readonly origin: string;
  readonly storage: Storage;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly now: () => Millis;
  /** Uniform in [0, 1). For jitter and names that need not be secret. */
  readonly random: () => number;
  readonly transport: Transport;
  /**
   * The session is a cookie that scripts cannot read (a browser), so no token is kept or sent by this client. Otherwise the
   * tokens are kept in `storage`.
   */
  readonly cookieSession?: boolean;
  /** Runs a job while no other window of the same account runs one of that name. Without it windows do not know of each other. */
  readonly exclusive?: <T>(name: string, job: () => Promise<T>) => Promise<T>;
  /** Tells the name of whatever another window keeps or removes. Calling what it returns ends that. */
  readonly elsewhere?: (told: (key: string) => void) => () => void;
}
