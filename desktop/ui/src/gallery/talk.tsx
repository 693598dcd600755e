import type { Failure, Message, State } from "@nexus/core";
import { EMPTY_TIMELINE } from "@nexus/core";
import { Composer } from "../composer/composer.tsx";
import { DropOverlay } from "../composer/drop_zone.tsx";
import { VoidNotice } from "../composer/voids.tsx";
import { DayLine, UnreadLine } from "../timeline/day_line.tsx";
import { MessageRow } from "../timeline/message_row.tsx";
import { PendingRow } from "../timeline/pending_row.tsx";
import { Timeline } from "../timeline/timeline.tsx";
import { TypingLine } from "../timeline/typing_line.tsx";
import mast from "./mast.png";
import { GENERAL, GUILD, holding, LOCKED, ME, message, newFile, pending, QUIET, sample } from "./sample.ts";
import { Section, Specimen } from "./scene.tsx";

const CARD: Message["embeds"][number] = {
  title: "Weather",
  description: "Wind **4**, from the west.",
  url: "https://example.org/weather",
  color: 0x1abc9c,
  author: { name: "Clerk", url: null },
  footer: "every hour",
  timestamp: null,
  fields: [
    { name: "Wave", value: "0.5 m", inline: true },
    { name: "Sight", value: "far", inline: true },
  ],
  imageUrl: "https://example.org/map.png",
  thumbnailUrl: null,
};

const FILE: Message["attachments"][number] = {
  id: "7",
  filename: "a-chart-of-the-whole-coast-in-the-highest-resolution-there-is.pdf",
  size: 12_345_678,
  url: "https://example.org/chart.pdf",
  contentType: "application/pdf",
  about: "Soundings in fathoms, with the wrecks.",
  width: null,
  height: null,
};

const PICTURE = {
  ...FILE,
  filename: "mast.png",
  url: mast,
  about: "The mast, from below",
};

const ELSEWHERE: Message["forwarded"] = {
  channelId: QUIET,
  guildId: GUILD,
  messageId: "9",
  at: message(1).at,
  editedAt: null,
  content: `The pump is **dry**, ask <@2> or <#${GENERAL}>.`,
  embeds: [],
  attachments: [PICTURE],
};

const NOWHERE = { channelId: null, guildId: null, messageId: null };

const REACTIONS: Message["reactions"] = ["🎉", "❤️", "👍", "🚀", "👀"].map((emoji, at) => ({
  emoji,
  count: 10 ** at,
  mine: at % 2 === 0,
}));

const MARKDOWN =
  "# One\n## Two\n- a\n- **b** *c* __d__ ~~e~~\n1. first\n> quoted\n||a secret|| `code` [a link](https://example.org) <t:1700000000:R>";

/** Everything that a line of talk can be. */
const MESSAGES: readonly (readonly [string, Message])[] = [
  ["plain", message(1)],
  ["of one's own, edited", message(2, { authorId: ME, editedAt: message(2).at + 60_000 })],
  [
    "answer",
    message(3, {
      kind: "reply",
      answers: {
        messageId: message(1).id,
        channelId: GENERAL,
        authorId: "2",
        content: message(1).content,
      },
    }),
  ],
  [
    "answer to what is gone",
    message(4, {
      kind: "reply",
      answers: { messageId: "9", channelId: GENERAL, authorId: null, content: "" },
    }),
  ],
  ["mentions one", message(5, { content: `<@${ME}> and <@&40>: see <#2001> :tada:`, mentions: [ME] })],
  ["late and pinned", message(6, { late: true, pinned: true })],
  ["unreadable", message(7, { unreadable: true, content: "" })],
  ["of a bot, with a card", message(8, { authorId: "4", content: "", embeds: [CARD] })],
  ["file", message(9, { attachments: [FILE] })],
  ["spoiler", message(9, { attachments: [{ ...FILE, filename: `SPOILER_${FILE.filename}` }] })],
  ["picture, with what it shows", message(9, { content: "", attachments: [PICTURE] })],
  ["reactions", message(10, { reactions: REACTIONS })],
  ["markdown", message(11, { content: MARKDOWN })],
  ["code", message(12, { content: '```python\ndef watch(volts):\n    return "all quiet"\n```' })],
  ["emoji alone", message(13, { content: "🦀 🎉" })],
  ["long", message(14, { content: "One line of many.\n".repeat(60) })],
  ["unbroken", message(15, { authorId: "5", content: "W".repeat(400) })],
  ["from right to left", message(16, { authorId: "6", content: "שלום לכולם, hello, שלום" })],
  ["forwarded", message(16, { content: "", forwarded: ELSEWHERE })],
  [
    "forwarded from where one does not see, edited, with a card",
    message(16, {
      content: "",
      forwarded: { ...ELSEWHERE, ...NOWHERE, editedAt: message(2).at, embeds: [CARD], attachments: [FILE] },
    }),
  ],
  ["somebody joined", message(17, { kind: "joined", authorId: "3" })],
  ["somebody pinned", message(18, { kind: "pinned" })],
  ["of a kind nobody knows", message(19, { kind: "other", content: "something" })],
  ["of who is not known", message(20, { authorId: "404" })],
];

export function Talk() {
  const state = holding(MESSAGES.map(([, each]) => each));
  return (
    <>
      <Section title="Messages">
        {MESSAGES.map(([name, each], at) => (
          <Specimen key={name} name={`message, ${name}`} state={state}>
            <MessageRow message={each} head current={at === 0} flash={false} />
          </Specimen>
        ))}
        <Specimen name="message, following" state={state}>
          <MessageRow message={message(21)} head={false} current={false} flash={false} />
        </Specimen>
        <Specimen name="message, jumped to" state={state}>
          <MessageRow message={message(22)} head current={false} flash />
        </Specimen>
        <Specimen
          name="message, only here so far"
          state={holding([message(1)], { queued: { [GENERAL]: [message(1).id] } })}
        >
          <MessageRow message={message(1)} head current={false} flash={false} />
        </Specimen>
      </Section>
      <Section title="What is on its way">
        {PENDING.map(([name, each]) => (
          <Specimen key={name} name={`pending, ${name}`} state={sample()}>
            <PendingRow pending={each} head />
          </Specimen>
        ))}
        <Specimen name="void" state={sample()}>
          <VoidNotice
            gone={{ messageId: "1", channelId: GENERAL, reason: "no_permission", content: "What I wrote." }}
          />
        </Specimen>
        <Specimen name="void, its words unknown" state={sample()}>
          <VoidNotice gone={{ messageId: "1", channelId: GENERAL, reason: "removed", content: null }} />
        </Specimen>
        <Specimen name="day line and unread line" state={sample()}>
          <DayLine at={message(1).at} />
          <UnreadLine />
        </Specimen>
        <Specimen name="typing" state={sample({ typing: { [GENERAL]: { 2: LATER, 3: LATER } } })}>
          <TypingLine channelId={GENERAL} />
        </Specimen>
      </Section>
      <Section title="Timeline">
        {TIMELINES.map(([name, each]) => (
          <Specimen key={name} name={`timeline, ${name}`} state={each} framed="column">
            <Timeline channelId={GENERAL} name="general" />
          </Specimen>
        ))}
      </Section>
      <Section title="Files over the talk">
        {[true, false].map((may) => (
          <Specimen key={String(may)} name={may ? "drop" : "drop, not here"} state={sample()} framed="column">
            <DropOverlay channelId={GENERAL} may={may} />
          </Specimen>
        ))}
      </Section>
      <Section title="Composer">
        <Specimen name="composer, empty" state={sample()}>
          <Composer channelId={GENERAL} />
        </Specimen>
        <Specimen name="composer, with a draft" state={sample({ drafts: { [GENERAL]: "Half a thought" } })}>
          <Composer channelId={GENERAL} />
        </Specimen>
        <Specimen name="composer, too long" state={sample({ drafts: { [GENERAL]: "x".repeat(2_100) } })}>
          <Composer channelId={GENERAL} />
        </Specimen>
        <Specimen name="composer, where one may not write" state={sample({ me: "3" })}>
          <Composer channelId={LOCKED} />
        </Specimen>
        {TRAYS.map(([name, each]) => (
          <Specimen key={name} name={`composer, ${name}`} state={each}>
            <Composer channelId={GENERAL} />
          </Specimen>
        ))}
        <Specimen name="composer, offline" state={sample({ session: OFFLINE })}>
          <Composer channelId={GENERAL} />
        </Specimen>
      </Section>
    </>
  );
}

const LATER = Date.UTC(2100, 0, 1);
const OFFLINE = {
  phase: "offline",
  since: 0,
  attempt: 3,
  retryAt: LATER,
} as const satisfies State["session"];

const FAILED: Failure = {
  kind: "server",
  message: "",
  status: 500,
  code: 0,
  retryAfter: null,
  fields: {},
};

const TRAY = [
  newFile("1", { about: "The mast, from below", spoiler: true }),
  newFile("2", { name: "a-chart-of-the-whole-coast-in-the-highest-resolution-there-is.pdf", kept: false }),
];

const TRAYS = [
  ["with files", sample({ trays: { [GENERAL]: TRAY } })],
  ["with files that one may not send", sample({ me: "3", trays: { [GENERAL]: TRAY } })],
] as const;

const PENDING = [
  ["sending", pending({ state: "sending" })],
  ["queued", pending({ state: "queued" })],
  ["queued, the program fails", pending({ state: "queued", reason: FAILED })],
  ["queued, perhaps there", pending({ state: "queued", uncertain: true })],
  ["failed", pending({ state: "failed", reason: null })],
  [
    "a queued poll",
    pending({
      state: "queued",
      content: "",
      poll: {
        question: "Where do we meet?",
        answers: [
          { text: "On the quay", emoji: "⚓" },
          { text: "At home", emoji: null },
        ],
        multiple: false,
        hours: 24,
      },
    }),
  ],
  [
    "a queued forward",
    pending({
      state: "queued",
      content: "",
      forwards: { channelId: QUIET, messageId: "9", shown: ELSEWHERE },
    }),
  ],
  [
    "a forward that was refused",
    pending({
      state: "failed",
      reason: { ...FAILED, kind: "forbidden", status: 403 },
      content: "",
      forwards: { channelId: QUIET, messageId: "9", shown: { ...ELSEWHERE, attachments: [] } },
    }),
  ],
  ["queued, with files", pending({ state: "queued", content: "", files: TRAY })],
  ["sending files", pending({ state: "sending", files: TRAY })],
  [
    "a queued thread",
    pending({ state: "queued", content: "", makes: { kind: "thread", thread: { name: "The new mast" } } }),
  ],
] as const;

const TIMELINES: readonly (readonly [string, State])[] = [
  ["loading", sample({ timelines: { [GENERAL]: { ...EMPTY_TIMELINE, loading: "first" } } })],
  ["empty", holding([])],
  ["a few", holding([message(1), message(2, { authorId: ME })])],
  [
    "in the past",
    holding([message(1)], {
      timelines: { [GENERAL]: { ...EMPTY_TIMELINE, ids: [message(1).id], hasOlder: true, hasNewer: true } },
    }),
  ],
];
