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

const BUILT = fileURLToPath(new URL("../../../../../target/debug/", import.meta.url));

function binary(name: "nexus" | "nexus-relay"): string {
  const named = name === "nexus" ? process.env.NEXUS_BIN : process.env.NEXUS_RELAY_BIN;
  const path = named ?? join(BUILT, name);
  if (!existsSync(path))
    throw new Error(`no program at ${path}: build it with "cargo build --workspace --bins"`);
  return path;
}

/** A relay: many people, none of whom is its owner. */
export async function startRelay(): Promise<{ readonly origin: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "nexus-web-"));
  const { child, origin } = await serve("nexus-relay", folder, "127.0.0.1:0", [
    "--mesh-listen",
    "127.0.0.1:0",
  ]);
  return {
    origin,
    async stop() {
      await end(child, "SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function startProgram(): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), "nexus-web-"));
  let running = await serve("nexus", folder, "127.0.0.1:0");
  const { origin, setupKey } = running;
  return {
    origin,
    setupKey,
    token: () => execFileSync(binary("nexus"), ["--data", folder, "token"], { encoding: "utf8" }).trim(),
    async restart() {
      await end(running.child, "SIGKILL");
      running = await serve("nexus", folder, new URL(origin).host);
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

function serve(
  name: "nexus" | "nexus-relay",
  folder: string,
  listen: string,
  more: readonly string[] = [],
): Promise<Running> {
  const given = ["--data", folder, "serve", "--listen", listen, ...more];
  const child = spawn(binary(name), given, { stdio: ["ignore", "pipe", "pipe"] });
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
