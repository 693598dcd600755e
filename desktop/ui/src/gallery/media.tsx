import { type Attachment, idAt, type Message, type State } from "@nexus/core";
import ForumView, { Posts } from "../shell/forum_view.tsx";
import type { Found } from "../shell/use_found.ts";
import flag from "./flag.png";
import harbour from "./harbour.png";
import mast from "./mast.png";
import rope from "./rope.png";
import { GUILD, MEDIA, message, newFile, pending, sample, thread } from "./sample.ts";
import { Section, Specimen } from "./scene.tsx";

const LONG =
  "The whole of the coast from the old lighthouse to the mouth of the river, in one evening, without once going about";

function file(filename: string, url: string, more: Partial<Attachment> = {}): Attachment {
  const facts = { size: 1_530_000, contentType: null, about: null, width: null, height: null };
  return { ...facts, id: filename, filename, url, ...more };
}

const HARBOUR = file("harbour.png", harbour, { about: "A sail before the sun", width: 560, height: 300 });
const ROPE = file("rope.png", rope, { about: "A coil of rope, from above", width: 240, height: 380 });

/** Whatever a post can begin with, the newest first. */
const BEGUN: readonly (readonly [string, Partial<Parameters<typeof thread>[2]>, Partial<Message> | null])[] =
  [
    ["Evening, off the mole", { tags: ["1"], pinned: true }, { attachments: [HARBOUR, ROPE, HARBOUR] }],
    [LONG, { tags: ["1", "2"] }, { attachments: [ROPE] }],
    ["What is under the tarpaulin", {}, { attachments: [file("SPOILER_gift.png", mast)] }],
    ["Launching, the whole of it", {}, { attachments: [file("launching.mp4", "")], authorId: "5" }],
    ["Our flag, as small as it is", { messageCount: 1 }, { attachments: [file("flag.png", flag)] }],
    ["Does anybody have one of her with the old mast?", {}, { content: message(1).content }],
    ["The plans", { locked: true }, { attachments: [file("a-chart-of-the-whole-coast.pdf", "")] }],
    ["From elsewhere", {}, { attachments: [file("mast.png", "https://example.org/mast.png")] }],
    ["Put away", { archived: true }, { attachments: [file("mast.png", mast)] }],
    ["Not known yet", {}, null],
  ];

const POSTS = BEGUN.map(([name, facts], at) => {
  const id = idAt(Date.UTC(2026, 10, 23, 11) - at * 3_600_000);
  return { ...thread(id, name, facts, MEDIA), lastMessageId: id };
});

const FOUND: Found = {
  loading: false,
  failure: null,
  hasMore: false,
  first: Object.fromEntries(
    BEGUN.flatMap(([, , begins], at) => {
      const id = POSTS[at]?.id ?? "";
      return begins === null ? [] : [[id, message(1, { id, channelId: id, content: "", ...begins })]];
    }),
  ),
  more: () => {},
  again: () => {},
};
const OFFLINE = {
  kind: "offline",
  message: "",
  status: 0,
  code: 0,
  retryAfter: null,
  fields: {},
} as const;

const NOTHING = sample({ threadsOf: {} });
const STATE = sample({
  channels: { ...NOTHING.channels, ...Object.fromEntries(POSTS.map((each) => [each.id, each])) },
  threadsOf: { [GUILD]: POSTS.map(({ id }) => id) },
});
/** Of those that are here already, one waits among them. */
const POSTING: State = {
  ...STATE,
  pending: {
    [MEDIA]: [
      pending({
        channelId: MEDIA,
        content: "",
        state: "sending",
        makes: { kind: "post", post: { name: "The mast, from below", content: "", tags: ["1"] } },
        files: [newFile("1")],
      }),
    ],
  },
  uploads: { n: 0.4 },
};

/** Media channels in every state. */
export function Media() {
  const media = STATE.channels[MEDIA];
  if (media === undefined) return null;
  const all = { forum: media, tag: null };
  return (
    <Section title="Media channels">
      <Specimen name="media channel" state={STATE}>
        <Posts {...all} found={FOUND} />
      </Specimen>
      <Specimen name="media channel, looked for" state={STATE} framed="column">
        <ForumView forumId={MEDIA} />
      </Specimen>
      <Specimen name="media channel, no posts" state={NOTHING}>
        <Posts {...all} found={FOUND} />
      </Specimen>
      <Specimen name="media channel, not reached" state={NOTHING}>
        <Posts {...all} found={{ ...FOUND, failure: OFFLINE }} />
      </Specimen>
      <Specimen name="media channel, a post on its way" state={POSTING} framed="column">
        <div className="nx-forum">
          <Posts {...all} found={{ ...FOUND, hasMore: true }} />
        </div>
      </Specimen>
    </Section>
  );
}
