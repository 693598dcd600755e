/** Between what a person types (`@Ada`, `#general`) and what is sent (`<@1>`, `<#2>`). */

import { type GuildEmoji, nameOf, type State, usableEmoji } from "@nexus/core";

interface Named {
  readonly sign: "@" | "#";
  readonly name: string;
  readonly mark: string;
}

/** Longer names are not looked for in a text. */
const NAME_MAX = 100;

/** Everything that can be named in a guild, longest name first. Where two bear one name, neither is taken for it. */
function namesIn(state: State, guildId: string | null, people: readonly string[]): readonly Named[] {
  const all: Named[] = [];
  for (const id of people) {
    const name = nameOf(state, id, guildId);
    if (name !== null) all.push({ sign: "@", name, mark: `<@${id}>` });
  }
  if (guildId !== null) {
    for (const role of Object.values(state.roles[guildId] ?? {})) {
      if (role.id !== guildId) all.push({ sign: "@", name: role.name, mark: `<@&${role.id}>` });
    }
    for (const id of state.channelsOf[guildId] ?? []) {
      const channel = state.channels[id];
      if (channel !== undefined && channel.kind !== "category") {
        all.push({ sign: "#", name: channel.name, mark: `<#${id}>` });
      }
    }
  }
  const times = new Map<string, number>();
  for (const { sign, name } of all) times.set(sign + name, (times.get(sign + name) ?? 0) + 1);
  return all
    .filter(({ sign, name }) => name !== "" && name.length <= NAME_MAX && times.get(sign + name) === 1)
    .sort((a, b) => b.name.length - a.name.length);
}

function peopleOf(state: State, guildId: string | null): readonly string[] {
  return guildId === null ? Object.keys(state.users) : Object.keys(state.members[guildId] ?? {});
}

/** What is sent. Names in code stay as they are. */
export function toWire(state: State, guildId: string | null, text: string): string {
  if (!/[@#:]/.test(text)) return text;
  const names = namesIn(state, guildId, peopleOf(state, guildId));
  const emoji = emojiIn(state, guildId);
  return outsideCode(text, (part) => marked(replaced(part, names), emoji));
}

/** A guild's own emoji by name; of two that bear one name the older. */
function emojiIn(state: State, guildId: string | null): ReadonlyMap<string, GuildEmoji> {
  const named = new Map<string, GuildEmoji>();
  for (const emoji of usableEmoji(state, guildId)) {
    if (!named.has(emoji.name)) named.set(emoji.name, emoji);
  }
  return named;
}

/** `:name:` as `<:name:id>`, where it is not in a mark already. */
function marked(text: string, emoji: ReadonlyMap<string, GuildEmoji>): string {
  if (emoji.size === 0) return text;
  return text.replace(/(?<!<a?|\w):(\w{2,32}):(?!\d)/g, (whole, name: string) => {
    const found = emoji.get(name);
    return found === undefined ? whole : markOf(found);
  });
}

function markOf({ id, name, animated }: GuildEmoji): string {
  return `<${animated ? "a" : ""}:${name}:${id}>`;
}

function replaced(text: string, names: readonly Named[]): string {
  let out = "";
  let at = 0;
  while (at < text.length) {
    const sign = text[at];
    const named = sign === "@" || sign === "#" ? namedAt(text, at, names) : undefined;
    out += named?.mark ?? text[at];
    at += named === undefined ? 1 : named.name.length + 1;
  }
  return out;
}

function namedAt(text: string, at: number, names: readonly Named[]): Named | undefined {
  const before = at === 0 ? " " : (text[at - 1] ?? " ");
  if (WORD.test(before) || before === "<" || before === "\\") return undefined;
  return names.find(({ sign, name }) => {
    if (text[at] !== sign || !text.startsWith(name, at + 1)) return false;
    const after = text[at + 1 + name.length];
    return after === undefined || !WORD.test(after) || !WORD.test(name.at(-1) ?? "");
  });
}

const WORD = /[\p{L}\p{N}_]/u;

/** What a person gets to see in order to change it. A mark whose name would not lead back to it stays a mark. */
export function fromWire(state: State, guildId: string | null, content: string): string {
  const names = namesIn(state, guildId, peopleOf(state, guildId));
  const emoji = emojiIn(state, guildId);
  const shown = outsideCode(content, (part) =>
    part
      .replace(/<(@!?|@&|#)(\d{1,20})>/g, (whole, kind: string, id: string) => {
        const mark = `<${kind === "@!" ? "@" : kind}${id}>`;
        const named = names.find((each) => each.mark === mark);
        return named === undefined ? whole : named.sign + named.name;
      })
      .replace(/<a?:(\w{2,32}):\d{1,20}>/g, (whole, name: string) => {
        const found = emoji.get(name);
        return found !== undefined && markOf(found) === whole ? `:${name}:` : whole;
      }),
  );
  return toWire(state, guildId, shown) === content.replace(/<@!(\d)/g, "<@$1") ? shown : content;
}

/** Applies to what is in no code: neither between fences nor between ticks. */
function outsideCode(text: string, by: (part: string) => string): string {
  return text
    .split(/(```[\s\S]*?(?:```|$)|`[^`\n]+`)/)
    .map((part, at) => (at % 2 === 0 ? by(part) : part))
    .join("");
}
