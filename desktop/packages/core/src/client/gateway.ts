/** The gateway: one socket at a time, heartbeats, RESUME, and coming back. */

import type { Status } from "../model/entities.ts";
import { reconnectDelay } from "./backoff.ts";
import type { ClientOptions, Socket } from "./ports.ts";

export interface GatewayEvents {
  dispatch(t: string, d: unknown): void;
  /** The first attempt of a series is 0. */
  trying(attempt: number): void;
  /** An attempt failed; the next is at this time. */
  waiting(attempt: number, retryAt: number): void;
  /** READY or RESUMED came. */
  live(): void;
  latency(ms: number): void;
  /** The token is not, or no longer, good. Nothing is tried until `connect` is called. */
  refused(): void;
}

export interface Gateway {
  connect(): void;
  /** `forGood`: the session ends there as well. */
  disconnect(forGood: boolean): void;
  /** Now rather than later: connects at once, or asks whether the other side is still there. */
  hurry(): void;
  setStatus(status: Status): void;
  requestMembers(wish: MembersWish): void;
  /** What the guild's voice channels are about. */
  requestChannelInfo(guildId: string): void;
}

export interface MembersWish {
  readonly guild_id: string;
  readonly query?: string;
  readonly limit?: number;
  readonly user_ids?: readonly string[];
  readonly presences: boolean;
}

interface Frame {
  readonly op: number;
  readonly d: unknown;
  readonly s?: number | null;
  readonly t?: string | null;
}

/** What is wanted after a socket ends. */
type After = "resume" | "identify" | "refused";

const HELLO_PATIENCE_MS = 10_000;
const READY_PATIENCE_MS = 20_000;
/** An answer that is asked for in a hurry must come within this. */
const PROBE_PATIENCE_MS = 3_000;
/** After so long a connection counts as one that lasts. */
const LASTING_MS = 5_000;
/** Guilds up to this size come with all their members; the most that the protocol allows. */
const LARGE = 250;
/** Told by us, so that the session can be resumed: 1000 and 1001 would end it. */
const CLOSE_TO_RESUME = 4000;
const CLOSE_FOR_GOOD = 1000;

export function createGateway(
  options: ClientOptions,
  token: () => string | null,
  events: GatewayEvents,
): Gateway {
  const { clock, now, random, transport } = options;
  const url = `${options.origin.replace(/^http/, "ws")}/?v=10&encoding=json`;
  let socket: Socket | null = null;
  let session: { readonly id: string } | null = null;
  let seq: number | null = null;
  let status: Status = "online";
  let attempt = 0;
  /** The beat that was not answered yet: when it was sent. */
  let beatAt: number | null = null;
  let timers: (() => void)[] = [];
  let cancelRetry: (() => void) | null = null;
  let isLive = false;
  /** Which socket is listened to: what one that was given up still says is not heard. */
  let generation = 0;

  function later(delay: number, callback: () => void): void {
    timers.push(clock.after(delay, callback));
  }

  function open(): void {
    cancelRetry?.();
    cancelRetry = null;
    events.trying(attempt);
    beatAt = null;
    isLive = false;
    generation += 1;
    const mine = generation;
    socket = transport.connect(url, {
      open: () => {},
      message: (text) => {
        if (mine === generation) hear(text);
      },
      close: (code) => {
        if (mine === generation) closed(meaning(code));
      },
    });
    later(HELLO_PATIENCE_MS, () => hangUp());
  }

  function clearTimers(): void {
    for (const cancel of timers) cancel();
    timers = [];
  }

  function closed(after: After): void {
    generation += 1;
    clearTimers();
    socket = null;
    if (after === "identify") forget();
    if (after === "refused") {
      forget();
      events.refused();
      return;
    }
    const delay = reconnectDelay(attempt, random);
    // A connection that was alive is on its way back; only an attempt that failed is worth a word.
    if (isLive) events.trying(attempt);
    else events.waiting(attempt + 1, now() + delay);
    attempt += 1;
    isLive = false;
    cancelRetry = clock.after(delay, open);
  }

  function forget(): void {
    session = null;
    seq = null;
  }

  /** Gives the socket up without waiting for its own end, which a dead line never tells. */
  function hangUp(): void {
    const dead = socket;
    if (dead === null) return;
    closed("resume");
    dead.close(CLOSE_TO_RESUME);
  }

  function hear(text: string): void {
    const frame = parse(text);
    if (frame === null) return hangUp();
    switch (frame.op) {
      case 0:
        return heardEvent(frame);
      case 1:
        return beat();
      case 7:
        return hangUp();
      case 9:
        return invalidSession(frame.d === true);
      case 10:
        return hello(frame.d);
      case 11:
        return heardBeat();
      default:
    }
  }

  function heardEvent(frame: Frame): void {
    if (typeof frame.s === "number") seq = frame.s;
    const t = frame.t ?? "";
    if (t === "READY") session = { id: stringField(frame.d, "session_id") };
    events.dispatch(t, frame.d);
    if (t !== "READY" && t !== "RESUMED") return;
    isLive = true;
    clearTimers();
    scheduleBeats();
    // Only a connection that lasts ends the series: one that breaks at once must not be tried ever faster.
    later(LASTING_MS, () => {
      attempt = 0;
    });
    events.live();
  }

  let interval = 41_250;

  function hello(d: unknown): void {
    clearTimers();
    const told = numberField(d, "heartbeat_interval");
    interval = Math.max(1_000, told ?? interval);
    later(READY_PATIENCE_MS, () => hangUp());
    if (session !== null && seq !== null) {
      send(6, { token: token() ?? "", session_id: session.id, seq });
    } else {
      identify();
    }
  }

  function identify(): void {
    const properties = { os: "web", browser: "nexus", device: "nexus" };
    const presence = { status, since: 0, activities: [], afk: false };
    send(2, { token: token() ?? "", properties, large_threshold: LARGE, presence, compress: false });
  }

  function invalidSession(resumable: boolean): void {
    if (resumable) return hangUp();
    forget();
    later(100 + random() * 400, identify);
  }

  function scheduleBeats(): void {
    const next = (delay: number) =>
      later(delay, () => {
        if (beatAt !== null) return hangUp();
        beat();
        next(interval);
      });
    next(interval * random());
  }

  function beat(): void {
    beatAt ??= now();
    send(1, seq);
  }

  function heardBeat(): void {
    if (beatAt === null) return;
    events.latency(Math.max(0, now() - beatAt));
    beatAt = null;
  }

  function send(op: number, d: unknown): void {
    socket?.send(JSON.stringify({ op, d }));
  }

  return {
    connect() {
      if (socket === null && cancelRetry === null) open();
    },
    disconnect(forGood) {
      cancelRetry?.();
      cancelRetry = null;
      clearTimers();
      const last = socket;
      socket = null;
      generation += 1;
      if (forGood) forget();
      isLive = false;
      attempt = 0;
      last?.close(forGood ? CLOSE_FOR_GOOD : CLOSE_TO_RESUME);
    },
    hurry() {
      if (cancelRetry !== null) return open();
      if (socket === null || !isLive) return;
      beat();
      const asked = beatAt;
      later(PROBE_PATIENCE_MS, () => {
        if (beatAt !== null && beatAt === asked) hangUp();
      });
    },
    setStatus(wish) {
      status = wish;
      if (isLive) send(3, { status, since: 0, activities: [], afk: false });
    },
    requestMembers(wish) {
      if (isLive) send(8, wish);
    },
    requestChannelInfo(guildId) {
      if (isLive) send(43, { guild_id: guildId, fields: ["status"] });
    },
  };
}

/** What Discord's close codes ask for. */
function meaning(code: number): After {
  if (code === 4004) return "refused";
  // Unknown sequence number, session timed out, and what no RESUME can mend.
  if (code === 4007 || code === 4009 || code === 4003 || (code >= 4010 && code <= 4014)) return "identify";
  return "resume";
}

function parse(text: string): Frame | null {
  try {
    const value: unknown = JSON.parse(text);
    return numberField(value, "op") === null ? null : (value as Frame);
  } catch {
    return null;
  }
}

function field(value: unknown, name: string): unknown {
  return value !== null && typeof value === "object" ? (value as Record<string, unknown>)[name] : undefined;
}

function numberField(value: unknown, name: string): number | null {
  const found = field(value, name);
  return typeof found === "number" ? found : null;
}

function stringField(value: unknown, name: string): string {
  const found = field(value, name);
  return typeof found === "string" ? found : "";
}
