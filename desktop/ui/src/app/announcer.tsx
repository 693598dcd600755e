/** Says things to whoever does not see the screen: politely, each once, history never. */

import { type Brought, type Client, channelName, type Message, nameOf, type State, said } from "@nexus/core";
import { useEffect, useState } from "react";
import { t } from "../i18n/translate.ts";
import { oneLine } from "../rich/one_line.ts";
import { useClient } from "./client.tsx";
import { settings } from "./settings.ts";

/** Milliseconds between two announcements: faster talk is not read out in full. */
const EVERY_MS = 700;
/** What waits to be said at most. */
const WAITING_MAX = 3;

let say: (words: string) => void = () => {};

/** For what the state alone does not tell. */
export function announceNow(words: string): void {
  say(words);
}

export function Announcer() {
  const client = useClient();
  const [words, setWords] = useState("");
  useEffect(() => announce(client, setWords), [client]);
  return (
    <div className="nx-hidden" data-nx="announcer" role="status" aria-live="polite" aria-atomic="true">
      {words}
    </div>
  );
}

function announce({ store }: Client, show: (words: string) => void): () => void {
  const waiting: string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const next = () => {
    const words = waiting.shift();
    timer = words === undefined ? undefined : setTimeout(next, EVERY_MS);
    if (words !== undefined) show(words);
  };
  say = (words) => {
    if (waiting.length < WAITING_MAX) waiting.push(words);
    if (timer === undefined) next();
  };
  const stop = store.subscribe((now, before) => {
    for (const words of heard(now, before)) say(words);
  });
  return () => {
    stop();
    say = () => {};
    clearTimeout(timer);
  };
}

/** What of a change is worth being said. */
export function heard(now: State, before: State): readonly string[] {
  const said: string[] = [];
  if (now.session !== before.session) {
    const [is, was] = [now.session.phase, before.session.phase];
    if (is === "offline" && was !== "offline") said.push(t("announce.offline"));
    if (is === "ready" && was === "offline") said.push(t("announce.back"));
  }
  const message = settings.getState().announce ? newest(now, before) : null;
  if (message !== null) said.push(messageWords(now, message));
  return said;
}

/** The message that just came to the end of the open channel or thread: not history, not a window that was loaded, not one's own. */
function newest(now: State, before: State): Message | null {
  return newestIn(now, before, "openChannel") ?? newestIn(now, before, "openThread");
}

function newestIn(now: State, before: State, place: "openChannel" | "openThread"): Message | null {
  const open = now[place];
  if (open === null || open !== before[place]) return null;
  const [is, was] = [now.timelines[open], before.timelines[open]];
  if (is === was || is === undefined || was === undefined || is.hasNewer) return null;
  const last = is.ids.at(-1);
  const added =
    last !== undefined && is.ids.length === was.ids.length + 1 && is.ids.at(-2) === was.ids.at(-1);
  const message = added ? now.messages[open]?.[last] : undefined;
  // What was moved here was said before, and is no news.
  const isNews = now.moved.every((each) => each.messageId !== last);
  return message === undefined || message.authorId === now.me || !isNews ? null : message;
}

function messageWords(state: State, message: Message): string {
  const name = nameOf(state, message.authorId, message.guildId) ?? t("common.unknown_person");
  if (message.brought !== null) return broughtWords(state, message, name, message.brought);
  const { content, attachments } = said(message);
  const alone = content === "" && attachments.length > 0;
  const words = alone
    ? t("files.sent_alone", { n: attachments.length })
    : oneLine(state, message.guildId, content);
  const text =
    message.forwarded === null ? words : t("announce.forwarded", { text: words || t("talk.answered_empty") });
  const channel = state.channels[message.channelId];
  if (channel === undefined || channel.guildId === null) return t("announce.message", { name, text });
  return t("announce.message_in", { name, channel: channelName(state, channel), text });
}

function broughtWords(
  state: State,
  { channelId }: Message,
  name: string,
  { from, count: n }: Brought,
): string {
  const named = (id: string) => state.channels[id]?.name ?? t("common.unknown_channel");
  return t("announce.brought", { name, n, channel: named(from), thread: named(channelId) });
}
