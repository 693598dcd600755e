/** A client, put together. */

import type { Failure, Outcome } from "../model/outcome.ts";
import { typingEnds } from "../state/reduce/members.ts";
import { unknownFollowed } from "../state/reduce/threads.ts";
import { isKnown, reduce } from "../state/reduce.ts";
import { initialState, nobody, type Session, type State } from "../state/state.ts";
import { closeWindow } from "../state/window.ts";
import type { Actions } from "./actions.ts";
import { reconnectDelay } from "./backoff.ts";
import type { Client } from "./client.ts";
import type { Engine } from "./engine.ts";
import { createFiles } from "./files.ts";
import { createGateway } from "./gateway.ts";
import { createKeeper } from "./keep.ts";
import { createLoads } from "./loads.ts";
import { createOutbox } from "./outbox.ts";
import { paced } from "./paced.ts";
import type { ClientOptions } from "./ports.ts";
import { createRest, DONE, isOver } from "./rest.ts";
import { createAccount, whichDoor, whoAmI } from "./session.ts";
import { createTeller } from "./teller.ts";
import { tellDrafts, tellReads } from "./tellings.ts";
import { createUploads } from "./uploads.ts";
import { accountWishes } from "./wishes/account.ts";
import { applicationWishes } from "./wishes/applications.ts";
import { attachingWishes } from "./wishes/attaching.ts";
import { botWishes } from "./wishes/bots.ts";
import { emojiWishes } from "./wishes/emoji.ts";
import { eventWishes } from "./wishes/events.ts";
import { guildWishes } from "./wishes/guilds.ts";
import { movingWishes } from "./wishes/moving.ts";
import { peopleWishes } from "./wishes/people.ts";
import { pollWishes } from "./wishes/polls.ts";
import { readingWishes } from "./wishes/reading.ts";
import { searchWishes } from "./wishes/searching.ts";
import { threadWishes } from "./wishes/threads.ts";
import { writingWishes } from "./wishes/writing.ts";

/** How often those who stopped writing are looked for. */
const TYPING_SWEEP_MS = 1_000;
/** Threads of one guild that are asked for after a start. */
const FOLLOWED_ASKED_MAX = 50;

export function createClient(options: ClientOptions): Client {
  const { store, set, setSoon, stop } = paced<State>(initialState(), options.clock, options.now);
  const account = createAccount(options, () => rest);
  const rest = createRest(options, account);
  const engine: Engine = { options, store, rest, change };
  const keeper = createKeeper(engine, () => outbox.run());
  const loads = createLoads(engine);
  const files = createFiles(engine);
  const outbox = createOutbox(engine, createUploads(engine, files));
  const tellers = [createTeller(engine, tellReads(engine)), createTeller(engine, tellDrafts(engine))];
  let cancelRetry: (() => void) | null = null;
  /** What is tried again at `retryAt`. */
  let again: () => void = () => {};
  let cancelSweep: (() => void) | null = null;
  let stopped = false;

  const gateway = createGateway(options, account.gatewayToken, {
    dispatch,
    trying: (attempt) => phase(tryingPhase(store.getState().session, attempt, options.now())),
    waiting: (attempt, retryAt) => phase({ phase: "offline", since: offlineSince(), attempt, retryAt }),
    live,
    latency: (ms) => change((state) => ({ ...state, door: { ...state.door, latency: ms } })),
    refused: () => void renewOrEnd(),
  });

  function change(by: (state: State) => State): void {
    const before = store.getState();
    const after = by(before);
    if (after !== before) set(after);
  }

  function phase(session: Session): void {
    change((state) => ({ ...state, session }));
  }

  function offlineSince(): number {
    const { session } = store.getState();
    return session.phase === "offline" || session.phase === "resuming" ? session.since : options.now();
  }

  function dispatch(t: string, d: unknown): void {
    if (!isKnown(t)) return;
    const before = store.getState();
    try {
      const after = reduce(before, t, d as never, options.now());
      // Many may talk at once: the screen is told some times a second.
      if (after !== before) setSoon(after);
    } catch {
      // An event of another shape than its schema: the rest goes on.
      return;
    }
    loads.heard(t, d, before);
    if (t === "READY") startedAnew();
    if (t === "GUILD_CREATE") lookAfterThreads((d as { readonly id: string }).id);
    if (t === "CHANNEL_PINS_UPDATE") pinsChanged((d as { readonly channel_id: string }).channel_id);
    if (t === "TYPING_START") sweepLater();
  }

  /** Between the last session and this one anything may have happened. */
  function startedAnew(): void {
    const { openChannel, openThread, timelines, pins } = store.getState();
    const stale = new Set([...Object.keys(timelines), ...Object.keys(pins)]);
    const shown = [openChannel, openThread].filter((id) => id !== null);
    for (const id of shown) stale.delete(id);
    change((state) => closeWindow(state, ...stale));
    for (const id of shown) {
      if (timelines[id] !== undefined) void loads.refresh(id);
      pinsChanged(id);
    }
  }

  /** A guild tells only of threads that are not put away: what became of others that one follows is asked for. */
  function lookAfterThreads(guildId: string): void {
    const { openThread } = store.getState();
    const missing = new Set(unknownFollowed(store.getState(), guildId).slice(0, FOLLOWED_ASKED_MAX));
    if (openThread !== null && store.getState().channels[openThread]?.guildId === guildId)
      missing.add(openThread);
    for (const id of missing) void actions.loadThread(id);
  }

  function pinsChanged(channelId: string): void {
    if (store.getState().pins[channelId] !== undefined) void actions.loadPins(channelId);
  }

  function sweepLater(): void {
    cancelSweep ??= options.clock.after(TYPING_SWEEP_MS, () => {
      cancelSweep = null;
      change((state) => typingEnds(state, options.now()));
      if (Object.keys(store.getState().typing).length > 0) sweepLater();
    });
  }

  function live(): void {
    phase({ phase: "ready", since: options.now() });
    outbox.run();
    for (const teller of tellers) teller.run();
  }

  async function renewOrEnd(attempt = 0): Promise<void> {
    const renewal = await account.renew();
    if (stopped || store.getState().session.phase === "signed_out") return;
    if (renewal.ok) return gateway.connect();
    if (isOver(renewal.failure)) return ended();
    tryLater(attempt, renewal.failure, () => void renewOrEnd(attempt + 1));
  }

  function tryLater(attempt: number, { retryAfter }: Failure, job: () => void): void {
    const delay = Math.max(retryAfter ?? 0, reconnectDelay(attempt, options.random));
    phase({ phase: "offline", since: offlineSince(), attempt: attempt + 1, retryAt: options.now() + delay });
    again = () => {
      cancelRetry?.();
      cancelRetry = null;
      job();
    };
    cancelRetry = options.clock.after(delay, again);
  }

  async function ended(): Promise<void> {
    gateway.disconnect(true);
    await account.forget();
    signedOut("ended");
  }

  function signedOut(why: "new" | "by_choice" | "ended"): void {
    cancelRetry?.();
    cancelRetry = null;
    change((state) => ({ ...state, ...nobody(), session: { phase: "signed_out", why } }));
  }

  /** Finds out who one is, brings back what was kept for them, and connects. */
  async function enter(attempt = 0, mayBeNobody = false): Promise<Outcome<void>> {
    cancelRetry?.();
    cancelRetry = null;
    if (stopped) return DONE;
    if (attempt === 0) phase({ phase: "connecting", since: options.now(), attempt });
    const outcome = await whoAmI(rest);
    if (outcome.ok) {
      await keeper.load(outcome.value.id);
      void keeper.files(outcome.value.id).then((waiting) => files.sweep(outcome.value.id, waiting));
      change((state) => reduce(state, "USER_UPDATE", outcome.value, options.now()));
      gateway.connect();
      return DONE;
    }
    if (outcome.failure.kind === "unauthorised") {
      signedOut(mayBeNobody ? "new" : "ended");
      return outcome;
    }
    tryLater(attempt, outcome.failure, () => void enter(attempt + 1, mayBeNobody));
    return DONE;
  }

  async function lookAtDoor(): Promise<void> {
    const outcome = await whichDoor(rest);
    if (outcome.ok) {
      const { name, version, registration, mail, sign_in } = outcome.value;
      const providers = sign_in ?? [];
      const facts = { name: name ?? null, version: version ?? null, mails: mail === true, providers };
      const registers = registration !== "closed";
      const invited = registration === "invite";
      change((state) => ({ ...state, door: { ...state.door, kind: "relay", ...facts, registers, invited } }));
    } else if (outcome.failure.status >= 400 && outcome.failure.kind !== "server") {
      change((state) => ({ ...state, door: { ...state.door, kind: "node" } }));
    }
  }

  async function signedIn(outcome: Outcome<void>): Promise<Outcome<void>> {
    return outcome.ok ? enter() : outcome;
  }

  const actions: Actions = {
    setup: async (key, displayName) => signedIn(await account.setup(key, displayName)),
    register: async (wish) => signedIn(await account.register(wish)),
    async login(login, password) {
      const outcome = await account.login(login, password);
      if (!outcome.ok || outcome.value.ticket !== null) return outcome;
      const entered = await enter();
      return entered.ok ? outcome : entered;
    },
    showCode: async (ticket, code) => signedIn(await account.showCode(ticket, code)),
    async finishSignIn(back) {
      const outcome = await account.finishSignIn(back);
      if (!outcome.ok || outcome.value.kind !== "in") return outcome;
      const entered = await enter();
      return entered.ok ? outcome : entered;
    },
    registerNewcomer: async (provider, newcomer) =>
      signedIn(await account.registerNewcomer(provider, newcomer)),
    enterWithToken: async (token) => signedIn(await account.withToken(token.trim())),
    async logout() {
      const { me } = store.getState();
      const outcome = await account.logout();
      gateway.disconnect(true);
      if (me !== null) {
        await keeper.forget(me);
        void files.forget(me);
      }
      await account.forget();
      signedOut("by_choice");
      return outcome;
    },
    reconnect() {
      const { session, door } = store.getState();
      if (session.phase === "offline" && cancelRetry !== null) again();
      else if (session.phase !== "signed_out" && session.phase !== "starting") gateway.hurry();
      if (door.kind === "unknown") void lookAtDoor();
    },
    ...readingWishes(engine, loads),
    ...writingWishes(engine, outbox),
    ...attachingWishes(engine, files),
    ...guildWishes(engine, gateway),
    ...threadWishes(engine, outbox),
    ...movingWishes(engine),
    ...searchWishes(engine),
    ...emojiWishes(engine),
    ...eventWishes(engine, outbox),
    ...pollWishes(engine, outbox),
    ...peopleWishes(engine, gateway),
    ...accountWishes(engine),
    ...applicationWishes(engine),
    ...botWishes(engine),
  };

  return {
    store,
    actions,
    async start() {
      await account.load();
      void lookAtDoor();
      if (account.mayBeSignedIn()) await enter(0, true);
      else signedOut("new");
    },
    keep: keeper.flush,
    async stop() {
      stopped = true;
      cancelRetry?.();
      cancelSweep?.();
      stop();
      outbox.stop();
      files.stop();
      for (const teller of tellers) teller.stop();
      gateway.disconnect(true);
      await keeper.stop();
    },
  };
}

/** Before anything was seen one is connecting; afterwards what is on the screen is true until the line broke. */
function tryingPhase(session: Session, attempt: number, now: number): Session {
  switch (session.phase) {
    case "ready":
      return { phase: "resuming", since: now, attempt };
    case "resuming":
    case "connecting":
      return { ...session, attempt };
    case "offline":
      // Still offline until somebody answers.
      return session;
    default:
      return { phase: "connecting", since: now, attempt };
  }
}
