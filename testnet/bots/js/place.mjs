// A real `nexus` or `nexus-relay` for a test: started on a fresh folder, asked over REST, stopped at the end.

import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
// PRESENCE, GUILD_MEMBERS and MESSAGE_CONTENT, each for applications in few guilds.
const PRIVILEGED = (1 << 13) | (1 << 15) | (1 << 19);

/** The path of a program of the workspace: by environment, else where cargo puts it. */
function program(name, variable) {
  if (process.env[variable]) return process.env[variable];
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
  const path = ["release", "debug"].map((profile) => join(target, profile, name)).find(existsSync);
  if (!path) throw new Error(`${name}: build it (cargo build --workspace) or set ${variable}`);
  return path;
}

/** A program with a person in it: a node with its owner, or a relay where somebody has registered. */
export class Place {
  static async node() {
    const place = new Place("nexus", "NEXUS_BIN", await mkdtemp(join(tmpdir(), "nexus-bots-")));
    const setup = spawnSync(place.binary, ["--data", place.folder, "setup", "Ada"], { encoding: "utf8" });
    if (setup.status !== 0) throw new Error(setup.stderr);
    await place.serve();
    place.token = setup.stdout.trim().split(/\s+/).at(-1);
    return place;
  }

  static async relay() {
    const place = new Place("nexus-relay", "NEXUS_RELAY_BIN", await mkdtemp(join(tmpdir(), "nexus-bots-")));
    await place.serve();
    const form = { username: "ada", password: "a password of hers" };
    place.token = (await place.rest("POST", "/auth/register", form)).token;
    await place.rest("PATCH", "/users/@me", { username: "Ada" });
    return place;
  }

  constructor(name, variable, folder) {
    this.binary = program(name, variable);
    this.folder = folder;
    this.token = "";
  }

  async serve() {
    this.port = await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    const serve = ["--data", this.folder, "serve", "--listen", `127.0.0.1:${this.port}`];
    this.process = spawn(this.binary, serve, { stdio: "ignore" });
    for (const deadline = Date.now() + 90_000; ; await sleep(50)) {
      const answer = await fetch(`${this.url}/api/v10/gateway`).catch(() => null);
      if (answer?.ok) return;
      if (this.process.exitCode !== null || Date.now() > deadline) throw new Error(`${this.binary} does not answer`);
    }
  }

  /** A request of the person's, or of whom `token` speaks for. */
  async rest(method, path, body, token = this.token) {
    const answer = await fetch(`${this.url}/api/v10${path}`, {
      method,
      headers: { authorization: token, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  async guild(name) {
    const guild = await this.rest("POST", "/guilds", { name });
    const channels = await this.rest("GET", `/guilds/${guild.id}/channels`);
    return { id: guild.id, general: channels.find((channel) => channel.name === "general").id };
  }

  /** A new application: its id and its bot's token. */
  async application(name) {
    const { id } = await this.rest("POST", "/applications", { name });
    await this.rest("PATCH", `/applications/${id}`, { flags: PRIVILEGED });
    const { token } = await this.rest("POST", `/applications/${id}/bot/reset`, {});
    return { id, token };
  }

  async install(application, guild, permissions = "8") {
    const path = `/oauth2/authorize?client_id=${application.id}&scope=bot+applications.commands`;
    await this.rest("POST", path, { guild_id: guild.id, permissions, authorize: true });
  }

  say(guild, content) {
    return this.rest("POST", `/channels/${guild.general}/messages`, { content });
  }

  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise((resolve) => this.process.once("exit", resolve));
      this.process.kill("SIGTERM");
      // A timer that is left running keeps the whole test run alive.
      const patience = setTimeout(() => this.process.kill("SIGKILL"), 90_000);
      await ended;
      clearTimeout(patience);
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

let given = process.pid * 7919;

/** One below those that sockets get of themselves, so that nobody is given it before a program takes it. */
async function freePort() {
  for (;;) {
    given += 1;
    const port = 10_240 + (given % (32_768 - 10_240));
    if (await isFree(port)) return port;
  }
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
