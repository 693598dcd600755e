/** The real program, started for a test on a port and in a folder of its own. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Program {
  readonly origin: string;
  readonly setupKey: string;
  /** A token of the owner's, as the command line prints one. */
  token(): string;
  /** Stops it as a crash would, and starts it again in the same place. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const BUILT = fileURLToPath(new URL("../../../../../target/debug/nexus", import.meta.url));

function binary(): string {
  const path = process.env.NEXUS_BIN ?? BUILT;
  if (!existsSync(path))
    throw new Error(`no program at ${path}: build it with "cargo build -p nexus", or set NEXUS_BIN`);
  return path;
}

export async function startProgram(): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), "nexus-web-"));
  let running = await serve(folder, "127.0.0.1:0");
  const { origin, setupKey } = running;
  return {
    origin,
    setupKey,
    token: () => execFileSync(binary(), ["--data", folder, "token"], { encoding: "utf8" }).trim(),
    async restart() {
      await end(running.child, "SIGKILL");
      running = await serve(folder, new URL(origin).host);
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

function serve(folder: string, listen: string): Promise<Running> {
  const child = spawn(binary(), ["--data", folder, "serve", "--listen", listen], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  // A test run that is broken off must leave nothing running.
  process.once("exit", () => child.kill("SIGKILL"));
  return new Promise((resolve, reject) => {
    let said = "";
    const read = (chunk: Buffer) => {
      said += chunk.toString();
      const found = /(http:\/\/[^\s/]+)(?:\/#k=(\w+)|\/\S*)?\s/.exec(said);
      const origin = found?.[1];
      if (origin !== undefined) resolve({ child, origin, setupKey: found?.[2] ?? "" });
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", (code) => reject(new Error(`the program ended with ${code}: ${said}`)));
  });
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.on("exit", () => resolve());
    child.kill(signal);
  });
}
