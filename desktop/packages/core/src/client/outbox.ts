/** The outbox: what is written is sent until it is accepted, in its order, once. */

import type { Id, NewPoll } from "../model/entities.ts";
import type { Failure, Outcome } from "../model/outcome.ts";
import { nextPending, pendingOf, withoutPending, withPending } from "../state/pending.ts";
import { readSaid } from "../state/reads.ts";
import { messageCreate } from "../state/reduce/messages.ts";
import type { Pending } from "../state/state.ts";
import type { WireMessage } from "../wire/decode_message.ts";
import type { Reply } from "./actions.ts";
import { reconnectDelay } from "./backoff.ts";
import type { Engine } from "./engine.ts";

export interface Outbox {
  send(channelId: Id, content: string, reply?: Reply): void;
  /** A message that asks something. */
  ask(channelId: Id, poll: NewPoll): void;
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

export function createOutbox(engine: Engine): Outbox {
  const { options, rest, store } = engine;
  /** Channels in which one is on its way, or waits for its next try. */
  const busy = new Set<Id>();
  const timers = new Map<Id, () => void>();
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
    if (row.uncertain && (await hasArrived(row))) {
      engine.change((state) => withoutPending(state, row.nonce));
      return true;
    }
    const last = store.getState().channels[row.channelId]?.lastMessageId ?? null;
    set(row.nonce, {
      state: "sending",
      reason: null,
      uncertain: true,
      after: row.uncertain ? row.after : last,
    });
    const outcome = await post(row);
    if (outcome.ok) {
      attempts = 0;
      const message = { ...outcome.value, nonce: row.nonce };
      engine.change((state) => {
        // What one has said is read, with all before it: the gateway's word of it may have come first.
        const read = readSaid(messageCreate(state, message), row.channelId, message.id);
        return withoutPending(read, row.nonce);
      });
      return true;
    }
    return refused(row, outcome.failure);
  }

  function refused(row: Pending, failure: Failure): boolean {
    const unanswered = failure.kind === "offline" || failure.kind === "timeout";
    const wait = failure.retryAfter ?? reconnectDelay(attempts, options.random);
    const passes = unanswered || failure.kind === "server" || failure.kind === "limited";
    if (failure.kind === "unauthorised") {
      set(row.nonce, { state: "queued", reason: failure, uncertain: false });
      return false;
    }
    if (!passes || wait > PATIENCE_MS) {
      set(row.nonce, { state: "failed", reason: failure, uncertain: false });
      return true;
    }
    attempts += 1;
    // A proxy may answer 502 or 504 for a program that did accept it.
    const uncertain = unanswered || (failure.kind === "server" && failure.status !== 503);
    set(row.nonce, { state: "queued", reason: failure, uncertain });
    timers.get(row.channelId)?.();
    timers.set(
      row.channelId,
      options.clock.after(wait, () => void runChannel(row.channelId)),
    );
    return false;
  }

  function post(row: Pending): Promise<Outcome<WireMessage>> {
    const body = {
      content: row.content,
      ...(row.poll === undefined ? {} : { poll: asked(row.poll) }),
      nonce: row.nonce,
      enforce_nonce: true,
      allowed_mentions: { parse: ["users", "roles", "everyone"], replied_user: row.mentionAnswered },
      ...(row.answers === null
        ? {}
        : { message_reference: { message_id: row.answers, fail_if_not_exists: false } }),
    };
    const path = `/channels/${row.channelId}/messages`;
    return rest.call<WireMessage>({ method: "POST", path, body, once: true });
  }

  /**
   * The program remembers nonces for a while, and forgets them when it is started anew: what may have arrived is looked for
   * in the channel first.
   */
  async function hasArrived(row: Pending): Promise<boolean> {
    const since = row.after === null ? "" : `&after=${row.after}`;
    const path = `/channels/${row.channelId}/messages?limit=${LOOK_BACK}${since}`;
    const outcome = await rest.call<readonly WireMessage[]>({ method: "GET", path });
    if (!outcome.ok) return false;
    const me = store.getState().me;
    const same = (each: WireMessage) =>
      each.author.id === me &&
      each.content.trim() === row.content.trim() &&
      each.poll?.question.text === row.poll?.question;
    return outcome.value.some(same);
  }

  function put(part: Pick<Pending, "channelId" | "content"> & Partial<Pending>): void {
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
    engine.change((state) => withPending(state, row));
    void runChannel(row.channelId);
  }

  return {
    run,
    send(channelId, content, reply) {
      const mentionAnswered = reply?.mention ?? false;
      put({ channelId, content, answers: reply?.messageId ?? null, mentionAnswered });
    },
    ask(channelId, poll) {
      put({ channelId, content: "", poll });
    },
    retry(nonce) {
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

function asked({ question, answers, multiple, hours }: NewPoll): Record<string, unknown> {
  return {
    question: { text: question },
    answers: answers.map((text) => ({ poll_media: { text } })),
    allow_multiselect: multiple,
    duration: hours,
  };
}

/** At most 25 characters, which is Discord's limit; unlike any other of this account, in whatever window it was made. */
function nonceOf(now: number, count: number, random: () => number): string {
  const chance = Math.floor(random() * 36 ** 8)
    .toString(36)
    .padStart(8, "0");
  return `${now.toString(36)}-${(count % 36 ** 4).toString(36)}-${chance}`;
}
