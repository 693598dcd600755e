/** The real programs, each in a folder and on a port of its own. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export type Kind = "nexus" | "nexus-relay";

export interface Program {
  readonly origin: string;
  /** Of a node that nobody has taken yet. */
  readonly setupKey: string;
  /** A token of a node's owner. */
  token(): string;
  /** An invite to a relay. */
  invite(): string;
  /** A node's owner joins a guild by an invite. */
  join(url: string): void;
  /** Stops it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again where it was. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const VARIABLES: Readonly<Record<Kind, string>> = { nexus: "NEXUS_BIN", "nexus-relay": "NEXUS_RELAY_BIN" };

function binary(kind: Kind): string {
  const built = fileURLToPath(new URL(`../../../../target/debug/${kind}`, import.meta.url));
  const path = process.env[VARIABLES[kind]] ?? built;
  if (!existsSync(path)) throw new Error(`no program at ${path}: build it, or set ${VARIABLES[kind]}`);
  return path;
}

/** `more`: flags of `serve`. */
export async function startProgram(kind: Kind, more: readonly string[] = []): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), "nexus-e2e-"));
  let running = await serveAnywhere(kind, folder, more);
  const { origin, setupKey } = running;
  return {
    origin,
    setupKey,
    token: () => execFileSync(binary(kind), ["--data", folder, "token"], { encoding: "utf8" }).trim(),
    invite: () => execFileSync(binary(kind), ["--data", folder, "invite"], { encoding: "utf8" }).trim(),
    join: (url) => void execFileSync(binary(kind), ["--data", folder, "join", url]),
    kill: () => end(running.child, "SIGKILL"),
    async start() {
      running = await serve(kind, folder, new URL(origin).host, more);
    },
    async stop() {
      await end(running.child, "SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly origin: string;
  readonly setupKey: string;
}

/** Milliseconds a program has to start. */
const START_MS = 30_000;
/** Ports that are tried. */
const PORTS_MAX = 5;

/** The window's port is any that is free; the mesh's is the same one, and there somebody else's UDP socket may be. */
async function serveAnywhere(kind: Kind, folder: string, more: readonly string[]): Promise<Running> {
  for (let tried = 1; ; tried++) {
    try {
      return await serve(kind, folder, "127.0.0.1:0", more);
    } catch (error) {
      if (tried === PORTS_MAX || !String(error).includes("cannot listen for the mesh")) throw error;
    }
  }
}

function serve(kind: Kind, folder: string, listen: string, more: readonly string[]): Promise<Running> {
  const args = ["--data", folder, "serve", "--listen", listen, ...more];
  const child = spawn(binary(kind), args, { stdio: ["ignore", "pipe", "pipe"] });
  // A run that is broken off must leave nothing running.
  process.once("exit", () => child.kill("SIGKILL"));
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => reject(new Error(`the program says nothing: ${said}`)), START_MS);
    const read = (chunk: Buffer) => {
      said += chunk.toString();
      const found = /(http:\/\/[^\s/]+)(?:\/#k=(\w+)|\/\S*)?\s/.exec(said);
      if (found?.[1] === undefined) return;
      clearTimeout(timer);
      resolve({ child, origin: found[1], setupKey: found[2] ?? "" });
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", (code) => reject(new Error(`the program ended with ${code}: ${said}`)));
  });
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.on("exit", () => resolve());
    child.kill(signal);
  });
}
