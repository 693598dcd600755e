/** The outbox: what is written is sent until it is accepted, in its order, once. */

import type { Id, Message } from "../model/entities.ts";
import type { Made, NewPoll } from "../model/made.ts";
import { type Failure, isUnanswered, mayBeDone, type Outcome } from "../model/outcome.ts";
import { toForward } from "../model/said.ts";
import { nextPending, pendingOf, withoutPending, withPending } from "../state/pending.ts";
import { readSaid } from "../state/reads.ts";
import { messageCreate } from "../state/reduce/messages.ts";
import type { Pending, State } from "../state/state.ts";
import { trayOf, withTray } from "../state/trays.ts";
import type { WireMessage } from "../wire/decode_message.ts";
import type { Reply } from "./actions.ts";
import { reconnectDelay } from "./backoff.ts";
import type { Engine } from "./engine.ts";
import { askedFor, isThere, saysItIsThere, type WireMade, withMade } from "./making.ts";
import { mapOutcome } from "./rest.ts";
import { bodyOf, saysTheSame } from "./saying.ts";
import type { Uploads } from "./uploads.ts";

export interface Outbox {
  /** With the files of the channel's tray. */
  send(channelId: Id, content: string, reply?: Reply): void;
  /** A message that asks something. */
  ask(channelId: Id, poll: NewPoll): void;
  /** Passes a message on; a note goes before it. */
  forward(channelId: Id, message: Message, note: string): void;
  /**
   * What is no message: at once where there is a connection, and else as soon as there is one; a post with the files of its
   * forum's tray. Null: it waits.
   */
  make(placeId: Id, made: Made): Promise<Outcome<WireMade | null>>;
  stopSending(nonce: string): void;
  retry(nonce: string): void;
  discard(nonce: string): void;
  /** Sends what waits; to be called when a connection is there. */
  run(): void;
  stop(): void;
}

/** Who must wait longer is told so, instead of waiting in silence. */
const PATIENCE_MS = 30_000;
/** Messages looked through for one that may have arrived. */
const LOOK_BACK = 50;
/** How often files are handed over without an answer before the person is asked: each try is all of their bytes. */
const UPLOAD_TRIES = 4;

export function createOutbox(engine: Engine, uploads: Uploads): Outbox {
  const { options, rest, store } = engine;
  /** Channels in which one is on its way, or waits for its next try. */
  const busy = new Set<Id>();
  const timers = new Map<Id, () => void>();
  /** By nonce: how often files were handed over since there is a connection. */
  const handed = new Map<string, number>();
  let attempts = 0;
  /** Messages that were written here since the start. */
  let count = 0;

  function set(nonce: string, change: Partial<Pending>): void {
    engine.change((state) => {
      const row = pendingOf(state, nonce);
      return row === null ? state : withPending(state, { ...row, ...change });
    });
  }

  function run(): void {
    handed.clear();
    for (const channelId of Object.keys(store.getState().pending)) void runChannel(channelId);
  }

  async function runChannel(channelId: Id): Promise<void> {
    if (busy.has(channelId)) return;
    busy.add(channelId);
    try {
      for (;;) {
        const row = nextPending(store.getState(), channelId);
        if (row === null || store.getState().session.phase !== "ready") return;
        if (!(await deliver(row))) return;
      }
    } finally {
      busy.delete(channelId);
    }
  }

  /** Whether the next row may be sent now. */
  async function deliver(row: Pending): Promise<boolean> {
    if (row.uncertain) {
      const arrived = await hasArrived(row);
      if (!arrived.ok) return refused(row, arrived.failure, true);
      if (arrived.value) {
        engine.change((state) => withoutPending(state, row.nonce));
        return true;
      }
    }
    set(row.nonce, {
      state: "sending",
      reason: null,
      uncertain: true,
      after: row.uncertain ? row.after : lastIn(row.channelId),
    });
    const outcome = await post(row);
    if (outcome.ok) {
      attempts = 0;
      engine.change((state) => withoutPending(outcome.value(state), row.nonce));
      return true;
    }
    if (row.uncertain && saysItIsThere(outcome.failure)) {
      engine.change((state) => withoutPending(state, row.nonce));
      return true;
    }
    return refused(row, outcome.failure);
  }

  /** `unknown`: it was not handed over again, and may have arrived before. */
  function refused(row: Pending, failure: Failure, unknown = false): boolean {
    const wait = failure.retryAfter ?? reconnectDelay(attempts, options.random);
    const passes = mayPass(row, failure);
    if (failure.kind === "unauthorised") {
      set(row.nonce, { state: "queued", reason: failure, uncertain: unknown });
      return false;
    }
    if (!passes || wait > PATIENCE_MS) {
      set(row.nonce, { state: "failed", reason: failure, uncertain: unknown || mayBeDone(failure) });
      return true;
    }
    attempts += 1;
    set(row.nonce, { state: "queued", reason: failure, uncertain: unknown || mayBeDone(failure) });
    timers.get(row.channelId)?.();
    timers.set(
      row.channelId,
      options.clock.after(wait, () => void runChannel(row.channelId)),
    );
    return false;
  }

  /** Whether trying again by itself may help. Files that are too much for the line are not sent for ever. */
  function mayPass(row: Pending, failure: Failure): boolean {
    if (failure.kind === "limited") return true;
    if (!isUnanswered(failure) && failure.kind !== "server") return false;
    if (row.files === undefined) return true;
    const times = (handed.get(row.nonce) ?? 0) + 1;
    handed.set(row.nonce, times);
    return times < UPLOAD_TRIES && failure.status !== TOO_SLOW;
  }

  /** What the state becomes where it is accepted. */
  async function post(row: Pending): Promise<Outcome<(state: State) => State>> {
    const { makes, files } = row;
    if (makes === undefined) return say(row);
    const asked = (attachments?: readonly object[]) =>
      askedFor(store.getState(), row.channelId, makes, attachments);
    const outcome =
      files === undefined
        ? await rest.call<WireMade>({ ...asked(), once: true })
        : await uploads.send<WireMade>(row.nonce, asked().path, (said) => asked(said).body, files);
    return mapOutcome(outcome, (made) => (state: State) => withMade(state, made));
  }

  async function say(row: Pending): Promise<Outcome<(state: State) => State>> {
    const body = { ...bodyOf(row), nonce: row.nonce, enforce_nonce: true };
    const path = `/channels/${row.channelId}/messages`;
    const outcome =
      row.files === undefined
        ? await rest.call<WireMessage>({ method: "POST", path, body, once: true })
        : await uploads.send<WireMessage>(
            row.nonce,
            path,
            (attachments) => ({ ...body, attachments }),
            row.files,
          );
    return mapOutcome(outcome, (from) => (state: State) => {
      // What one has said is read, with all before it: the gateway's word of it may have come first.
      return readSaid(messageCreate(state, { ...from, nonce: row.nonce }), row.channelId, from.id);
    });
  }

  /**
   * The program remembers nonces for a while, and forgets them when it is started anew: what may have arrived is looked for
   * in the channel first. What is no message has no nonce: as long as nobody says whether it is there it is not made again.
   */
  async function hasArrived(row: Pending): Promise<Outcome<boolean>> {
    if (row.makes !== undefined) return isThere(engine, row, row.makes);
    const since = row.after === null ? "" : `&after=${row.after}`;
    const path = `/channels/${row.channelId}/messages?limit=${LOOK_BACK}${since}`;
    const outcome = await rest.call<readonly WireMessage[]>({ method: "GET", path });
    if (!outcome.ok) return { ok: true, value: false };
    const me = store.getState().me;
    return { ok: true, value: outcome.value.some((each) => each.author.id === me && saysTheSame(each, row)) };
  }

  type Part = Pick<Pending, "channelId" | "content"> & Partial<Pending>;

  function put(part: Part, along: (state: State) => State = (state) => state): void {
    count += 1;
    const row: Pending = {
      nonce: nonceOf(options.now(), count, options.random),
      answers: null,
      mentionAnswered: false,
      at: options.now(),
      state: "queued",
      reason: null,
      uncertain: false,
      after: null,
      ...part,
    };
    engine.change((state) => along(withPending(state, row)));
    void runChannel(row.channelId);
  }

  function lastIn(channelId: Id): Id | null {
    return store.getState().channels[channelId]?.lastMessageId ?? null;
  }

  /** With the files of the channel's tray. */
  function putWithFiles(part: Part): void {
    const { channelId } = part;
    const files = trayOf(store.getState(), channelId);
    if (files.length === 0) put(part);
    else put({ ...part, files }, (state) => withTray(state, channelId, []));
  }

  function putMade(channelId: Id, makes: Made, more: Partial<Pending>): void {
    const answers = makes.kind === "thread" ? (makes.thread.messageId ?? null) : null;
    const part = { channelId, content: "", answers, makes, ...more };
    if (makes.kind === "post") putWithFiles(part);
    else put(part);
  }

  return {
    run,
    send(channelId, content, reply) {
      const mentionAnswered = reply?.mention ?? false;
      putWithFiles({ channelId, content, answers: reply?.messageId ?? null, mentionAnswered });
    },
    ask(channelId, poll) {
      put({ channelId, content: "", poll });
    },
    forward(channelId, from, note) {
      // Files of the tray belong to what is being written there, not to this.
      if (note !== "") put({ channelId, content: note });
      const shown = toForward(from);
      put({
        channelId,
        content: "",
        forwards: { channelId: from.channelId, messageId: from.id, shown },
      });
    },
    async make(placeId, made) {
      const state = store.getState();
      // Files take their time: with them it is seen where it waits, as a message is.
      const withFiles = made.kind === "post" && trayOf(state, placeId).length > 0;
      if (state.session.phase !== "ready" || withFiles) {
        putMade(placeId, made, {});
        return { ok: true, value: null };
      }
      const after = lastIn(placeId);
      const outcome = await rest.call<WireMade>(askedFor(store.getState(), placeId, made));
      if (outcome.ok) {
        engine.change((state) => withMade(state, outcome.value));
        return outcome;
      }
      if (!isUnanswered(outcome.failure)) return outcome;
      putMade(placeId, made, { uncertain: true, after, reason: outcome.failure });
      return { ok: true, value: null };
    },
    stopSending: uploads.stop,
    retry(nonce) {
      handed.delete(nonce);
      set(nonce, { state: "queued", reason: null });
      const row = pendingOf(store.getState(), nonce);
      if (row !== null) void runChannel(row.channelId);
    },
    discard(nonce) {
      engine.change((state) => {
        const row = pendingOf(state, nonce);
        return row === null || row.state === "sending" ? state : withoutPending(state, nonce);
      });
    },
    stop() {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

/** Discord's and HTTP's number: the program gave up waiting for the rest. */
const TOO_SLOW = 408;

/** At most 25 characters, which is Discord's limit; unlike any other of this account, in whatever window it was made. */
function nonceOf(now: number, count: number, random: () => number): string {
  const chance = Math.floor(random() * 36 ** 8)
    .toString(36)
    .padStart(8, "0");
  return `${now.toString(36)}-${(count % 36 ** 4).toString(36)}-${chance}`;
}
