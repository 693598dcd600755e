import { type Message, SEARCH_PAGE, type SearchPlace } from "@nexus/core";
import { SearchBox } from "../shell/search_box.tsx";
import { SearchView } from "../shell/search_view.tsx";
import type { Found, Search, Stage } from "../shell/use_search.ts";
import { FORUM, GROUP, GUILD, message, QUIET, sample, THREAD } from "./sample.ts";
import { Section, Specimen } from "./scene.tsx";

const STATE = sample();
const AWAY = sample({ session: { phase: "offline", since: 0, attempt: 3, retryAt: Date.UTC(2100, 0, 1) } });
const never = () => {};
const UNBROKEN = "mast".repeat(60);

/** Of every kind that is drawn in its own way. */
const MESSAGES: readonly Message[] = [
  message(1),
  message(2, { authorId: "5", content: `${"The sea is long. ".repeat(60)}And the mast is short.` }),
  message(3, { channelId: QUIET, authorId: "6", content: UNBROKEN }),
  message(4, { channelId: "2002", authorId: "1", content: "`mast --cut` and ||the mast|| again" }),
  message(5, {
    channelId: THREAD,
    content: "",
    attachments: [
      {
        id: "1",
        filename: "plan-of-the-mast-as-it-was-measured-again-in-november.pdf",
        size: 1_530_000,
        url: "/files/1",
        contentType: null,
        about: null,
        width: null,
        height: null,
      },
    ],
  }),
  message(6, { authorId: "3", kind: "joined", content: "" }),
  message(7, {
    channelId: FORUM,
    authorId: "4",
    content: "",
    poll: {
      question: "Which mast?",
      answers: [{ id: 1, text: "The old one", emoji: null }],
      endsAt: Date.UTC(2026, 10, 25),
      multiple: false,
      counts: {},
      mine: [],
      final: false,
    },
  }),
];

const FOUND: Found = {
  page: { messages: MESSAGES, total: 312, inPart: true, hasMore: true },
  offset: SEARCH_PAGE,
  words: ["mast"],
};
const FIRST: Found = { ...FOUND, page: { ...FOUND.page, messages: [message(1)] }, offset: 0 };
const IN_GUILD: SearchPlace = { kind: "guild", id: GUILD };
const IN_TRIP: SearchPlace = { kind: "conversation", id: GROUP };
const BOX = { onText: never, onLook: never, onDown: never, onClear: never };
const SAID: Found = {
  page: {
    messages: [1, 2].map((n) => message(n, { channelId: GROUP, guildId: null })),
    total: 2,
    inPart: true,
    hasMore: false,
  },
  offset: 0,
  words: ["mast"],
};
const NONE: Found = { ...FOUND, page: { messages: [], total: 0, inPart: false, hasMore: false }, offset: 0 };

function search(stage: Stage, found: Found | null = null): Search {
  const acts = { look: never, order: never, turnTo: never, stop: never, again: never, forget: never };
  return { place: IN_GUILD, stage, found, oldestFirst: false, ...acts };
}

function failure(kind: "offline" | "limited") {
  return { kind, message: "", status: 0, code: 0, retryAfter: null, fields: {} } as const;
}

const STAGES: readonly (readonly [string, Search])[] = [
  [
    "unclear",
    search({
      is: "unclear",
      problems: [
        { filter: "from", value: "Zoë" },
        { filter: "mentions", value: UNBROKEN },
        { filter: "in", value: "nowhere" },
        { filter: "has", value: "money" },
        { filter: "pinned", value: "perhaps" },
        { filter: "during", value: "the war" },
        { filter: "before", value: "" },
      ],
    }),
  ],
  ["begun", search({ is: "working", looked: 0 })],
  ["at work", search({ is: "working", looked: 120_000 })],
  ["stopped", search({ is: "stopped" })],
  ["nothing found", search({ is: "done" }, NONE)],
  ["not answered", search({ is: "failed", failure: failure("offline") })],
  ["failed", search({ is: "failed", failure: failure("limited") })],
  ["found", search({ is: "done" }, FOUND)],
  ["another page on its way", search({ is: "working", looked: 0 }, FIRST)],
];

const IN_CONVERSATION: readonly (readonly [string, Search])[] = [
  [
    "unclear",
    {
      ...search({
        is: "unclear",
        problems: [
          { filter: "in", value: "Trip" },
          { filter: "mentions", value: "Skipper" },
        ],
      }),
      place: IN_TRIP,
    },
  ],
  ["found", { ...search({ is: "done" }, SAID), place: IN_TRIP }],
];

/** A search of a guild's messages in every state, and what is otherwise in a conversation. */
export function Searches() {
  return (
    <Section title="Search">
      <Specimen name="search, nothing typed yet" state={STATE} framed="column">
        <div className="nx-search">
          <div className="nx-search-head">
            <SearchBox place={IN_GUILD} text="" wrong={false} {...BOX} />
          </div>
          <SearchView search={search({ is: "idle" })} onInsert={never} onVisit={never} onUp={never} />
        </div>
      </Specimen>
      <Specimen name="search of a conversation, nothing typed yet" state={STATE} framed="column">
        <div className="nx-search">
          <div className="nx-search-head">
            <SearchBox place={IN_TRIP} text="" wrong={false} {...BOX} />
          </div>
          <SearchView
            search={{ ...search({ is: "idle" }), place: IN_TRIP }}
            onInsert={never}
            onVisit={never}
            onUp={never}
          />
        </div>
      </Specimen>
      {IN_CONVERSATION.map(([name, stage]) => (
        <Specimen key={name} name={`search of a conversation, ${name}`} state={STATE}>
          <div className="nx-search">
            <SearchView search={stage} onInsert={never} onVisit={never} onUp={never} />
          </div>
        </Specimen>
      ))}
      {[false, true].map((wrong) => (
        <Specimen key={String(wrong)} name={`search field, ${wrong ? "wrong" : "filled in"}`} state={STATE}>
          <SearchBox place={IN_GUILD} text='from:"Ada Lovelace" mast' wrong={wrong} {...BOX} />
        </Specimen>
      ))}
      <Specimen name="search, offline" state={AWAY}>
        <div className="nx-search">
          <SearchView
            search={search({ is: "failed", failure: failure("offline") })}
            onInsert={never}
            onVisit={never}
            onUp={never}
          />
        </div>
      </Specimen>
      {STAGES.map(([name, stage]) => (
        <Specimen key={name} name={`search, ${name}`} state={STATE}>
          <div className="nx-search">
            <SearchView search={stage} onInsert={never} onVisit={never} onUp={never} />
          </div>
        </Specimen>
      ))}
    </Section>
  );
}
