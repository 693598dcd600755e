import type { Message, Poll } from "@nexus/core";
import { EmojiTab } from "../dialogs/emoji_tab.tsx";
import { EventList } from "../dialogs/events_dialog.tsx";
import { GuildEmojiChoice } from "../emoji/guild_emoji.tsx";
import { MessageRow } from "../timeline/message_row.tsx";
import { GUILD, holding, ME, message, sample } from "./sample.ts";
import { Section, Specimen } from "./scene.tsx";

const never = () => {};
const WITH_EMOJI = message(30, {
  content: "Drop it here <:anchor:50>, or <:gone:99>",
  reactions: [{ emoji: "anchor:50", count: 2, mine: true }],
});

/** What a guild has of its own: emoji; and what is asked in it and looked forward to. */
export function Expressions() {
  const state = holding([WITH_EMOJI]);
  return (
    <>
      <Polls />
      <Events />
      <Section title="Emoji">
        <Specimen name="message with a guild's emoji, their pictures elsewhere" state={state}>
          <MessageRow message={WITH_EMOJI} head current={false} flash={false} />
        </Specimen>
        <Specimen name="a guild's emoji to pick" state={state}>
          <GuildEmojiChoice emoji={Object.values(state.emoji)} search="" onPick={never} />
        </Specimen>
        <Specimen name="a guild's emoji, kept" state={state}>
          <EmojiTab guildId={GUILD} />
        </Specimen>
        <Specimen name="a guild's emoji, none" state={sample({ emoji: {}, emojiOf: {} })}>
          <EmojiTab guildId={GUILD} />
        </Specimen>
      </Section>
    </>
  );
}

const POLL: Poll = {
  question: "Where do we meet?",
  answers: [
    { id: 1, text: "On the quay", emoji: "anchor:50" },
    { id: 2, text: "In the workshop", emoji: null },
    { id: 3, text: "Wherever-nobody-has-ever-met-before-and-it-takes-long-to-say", emoji: "🌲" },
  ],
  endsAt: Date.UTC(2100, 0, 1),
  multiple: false,
  counts: { 1: 3, 2: 1 },
  mine: [1],
  final: false,
};

const POLLS: readonly (readonly [string, Message])[] = [
  ["voted in", message(31, { content: "", poll: POLL })],
  [
    "of one's own, several answers",
    message(32, { authorId: ME, content: "", poll: { ...POLL, multiple: true, mine: [] } }),
  ],
  ["nobody has voted", message(33, { content: "", poll: { ...POLL, counts: {}, mine: [] } })],
  ["ended", message(34, { content: "", poll: { ...POLL, final: true } })],
];

function Polls() {
  return (
    <Section title="Polls">
      {POLLS.map(([name, each]) => (
        <Specimen key={name} name={`poll, ${name}`} state={holding([each])}>
          <MessageRow message={each} head current={false} flash={false} />
        </Specimen>
      ))}
    </Section>
  );
}

function Events() {
  const never = () => {};
  return (
    <Section title="Events">
      <Specimen name="events" state={sample()}>
        <EventList guildId={GUILD} failure={null} again={never} />
      </Specimen>
      <Specimen name="events, none" state={sample({ events: {} })}>
        <EventList guildId={GUILD} failure={null} again={never} />
      </Specimen>
      <Specimen name="events, not reached" state={sample({ events: {} })}>
        <EventList guildId={GUILD} failure={OFFLINE} again={never} />
      </Specimen>
    </Section>
  );
}

const OFFLINE = { kind: "offline", message: "", status: 0, code: 0, retryAfter: null, fields: {} } as const;
