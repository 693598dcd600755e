import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createClient,
  excerpt,
  FILTERS,
  filtersIn,
  idAt,
  initialState,
  isWholeName,
  type MessageSearch,
  markedParts,
  type Searching,
  type SearchPlace,
  type State,
  searchBegunAt,
  searchSuggestions,
  wantedMessages,
} from "../src/index.ts";
import { dateSpan } from "../src/search/dates.ts";
import { searchTokens } from "../src/search/tokens.ts";
import { type EventName, reduce } from "../src/state/reduce.ts";
import { Stage } from "./stage.ts";
import { channel, GUILD, guildCreate, ME, member, message, ready, role, user } from "./world.ts";

const HERE: SearchPlace = { kind: "guild", id: GUILD };
const NOW = new Date(2026, 10, 23, 15, 30).getTime();
const day = (month: number, date: number) => new Date(2026, month - 1, date).getTime();

const hear = (state: State, t: EventName, d: unknown) => reduce(state, t, d as never, 0);

/** A guild of people with these names, the first of whom one is. */
function guild(names: readonly string[] = ["Me", "Ada", "Ada Lovelace", 'The "boss"']): State {
  const members = names.map((name, at) => {
    const id = String(1001 + at);
    return { ...member(id), user: { ...member(id).user, username: `u${id}`, global_name: name } };
  });
  const channels = [
    channel("300", { name: "general" }),
    channel("301", { name: "the boat" }),
    channel("302", { name: "officers", permission_overwrites: [HIDDEN] }),
  ];
  const roles = [role(GUILD, 1n << 10n), { ...role("40", 0n), name: "Keepers" }];
  const state = hear(initialState(), "READY", ready([GUILD]));
  return hear(state, "GUILD_CREATE", guildCreate({ members, channels, roles }));
}
const HIDDEN = { id: GUILD, type: 0 as const, allow: "0", deny: (1n << 10n).toString() };

function wanted(text: string, state = guild()): MessageSearch {
  const read = wantedMessages(state, HERE, text, NOW);
  if (read.kind !== "search") throw new Error(`no search: ${JSON.stringify(read)}`);
  return read.search;
}

function problems(text: string): readonly string[] {
  const read = wantedMessages(guild(), HERE, text, NOW);
  return read.kind === "unclear" ? read.problems.map(({ filter, value }) => `${filter}:${value}`) : [];
}

describe("what is typed", () => {
  test("words are words, and filters stand among them", () => {
    const search = wanted("the from:ada mast in:general HAS:Link");
    expect(search.words).toEqual(["the", "mast"]);
    expect(search).toMatchObject({ authors: ["1002"], channels: ["300"], has: ["link"] });
  });

  test("names with spaces stand in quotes", () => {
    expect(wanted('from:"Ada Lovelace" in:"the boat" mast')).toMatchObject({
      authors: ["1003"],
      channels: ["301"],
      words: ["mast"],
    });
  });

  test("a name that is no filter's is plain text, as is what is quoted whole", () => {
    expect(wanted('to:ada https://a.example "from:ada" "old plan"').words).toEqual([
      "to:ada",
      "https://a.example",
      "from:ada",
      "old",
      "plan",
    ]);
  });

  test("nothing typed is nothing looked for", () => {
    expect(wantedMessages(guild(), HERE, "  \n ", NOW)).toEqual({ kind: "nothing" });
  });

  test("every character that is no space is in one piece, whatever is typed", () => {
    const bits = fc.constantFrom("from:", "in:", '"', " ", "a", ":", "ü", "😀", "DURING:", "\n");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(bits).map((all) => all.join("")),
        ),
        (text) => {
          let at = 0;
          for (const { from, to } of searchTokens(text)) {
            expect(text.slice(at, from).trim()).toBe("");
            expect(to).toBeGreaterThan(from);
            at = to;
          }
          expect(text.slice(at).trim()).toBe("");
          wantedMessages(guild(), HERE, text, NOW);
        },
      ),
    );
  });
});

describe("names", () => {
  test("somebody is found by nickname, display name or account name, in any case, and oneself as me", () => {
    expect(wanted("from:@ADA").authors).toEqual(["1002"]);
    expect(wanted("from:u1003").authors).toEqual(["1003"]);
    expect(wanted("from:me").authors).toEqual([ME]);
  });

  test("of several who are called so each is meant", () => {
    expect(wanted("from:bo", guild(["Me", "Bo", "bo"])).authors).toEqual(["1003", "1002"]);
  });

  test("who left is found where no member is called so", () => {
    const left = hear(guild(), "GUILD_MEMBER_REMOVE", { guild_id: GUILD, user: member("1002").user });
    expect(wanted("from:u1002", { ...left, users: guild().users }).authors).toEqual(["1002"]);
  });

  test("roles are mentioned, too", () => {
    expect(wanted("mentions:keepers mentions:ada")).toMatchObject({
      mentionRoles: ["40"],
      mentions: ["1002"],
    });
  });

  test("what nobody is called, and a channel that one does not see, is said to be unclear", () => {
    expect(problems("from:zoe in:nowhere mast")).toEqual(["from:zoe", "in:nowhere"]);
    expect(problems("in:officers")).toEqual(["in:officers"]);
    expect(problems("from: has:money pinned:maybe during:constructor pinned:constructor")).toEqual([
      "from:",
      "has:money",
      "pinned:maybe",
      "during:constructor",
      "pinned:constructor",
    ]);
  });
});

describe("times", () => {
  test("a day is one's own, from its first moment to its last", () => {
    expect(dateSpan("2026-11-23", NOW)).toEqual({ from: day(11, 23), to: day(11, 24) });
    expect(dateSpan("today", NOW)).toEqual(dateSpan("2026-11-23", NOW));
    expect(dateSpan("Yesterday", NOW)).toEqual({ from: day(11, 22), to: day(11, 23) });
    expect(dateSpan("2026-02", NOW)).toEqual({ from: day(2, 1), to: day(3, 1) });
    expect(dateSpan("2026", NOW)).toEqual({ from: day(1, 1), to: day(13, 1) });
  });

  test.each(["2026-02-30", "2026-13", "23.11.2026", "0026", "tomorrow", ""])("%s is no day", (value) => {
    expect(dateSpan(value, NOW)).toBeNull();
  });

  test("before and after leave the day out, during is the day", () => {
    const below = (at: number) => (BigInt(idAt(at)) - 1n).toString();
    expect(wanted("during:today")).toMatchObject({ after: below(day(11, 23)), before: idAt(day(11, 24)) });
    expect(wanted("before:today")).toMatchObject({ after: null, before: idAt(day(11, 23)) });
    expect(wanted("after:yesterday")).toMatchObject({ after: below(day(11, 23)), before: null });
  });

  test("of two bounds the narrower one holds", () => {
    expect(wanted("before:2026-11-20 before:2026-11-10 before:2026-11-15").before).toBe(idAt(day(11, 10)));
  });
});

describe("suggestions", () => {
  const offered = (text: string) => {
    const begun = searchBegunAt(text, text.length);
    return begun === null ? [] : searchSuggestions(guild(), HERE, begun).map((each) => each.typed);
  };

  test("two letters offer the filters that begin so", () => {
    expect(offered("the fr")).toEqual(["from:"]);
    expect(offered("f")).toEqual([]);
    expect(offered("mast ")).toEqual([]);
  });

  test("behind a filter stand its values, quoted where they have to be", () => {
    expect(offered("from:lov")).toEqual(['from:"Ada Lovelace" ']);
    expect(offered('in:"the b')).toEqual(['in:"the boat" ']);
    expect(offered("has:im")).toEqual(["has:image "]);
    expect(offered("mentions:keep")).toEqual(["mentions:Keepers "]);
    expect(offered("during:")).toEqual(["during:today ", "during:yesterday "]);
  });

  test("of two who are called so the one that is chosen is meant", () => {
    const state = guild(["Me", "Bo", "bo"]);
    const begun = { filter: "from", query: "bo", from: 0, to: 7 } as const;
    const typed = searchSuggestions(state, HERE, begun).map((each) => each.typed);
    expect(typed.sort()).toEqual(["from:u1002 ", "from:u1003 "]);
  });

  test("a channel that one does not see is not offered", () => {
    expect(offered("in:off")).toEqual([]);
  });

  test("a name that is whole needs no choice", () => {
    const begun = searchBegunAt("from:ada", 8);
    expect(begun !== null && isWholeName(guild(), HERE, begun)).toBe(true);
    const part = searchBegunAt("from:ad", 7);
    expect(part !== null && isWholeName(guild(), HERE, part)).toBe(false);
  });

  test("who is chosen is who is looked for, whatever they are called", () => {
    const name = fc.oneof(
      fc.constantFrom("me", "@ada", "Me", "from:x", "a b", "valueOf", "__proto__"),
      fc.string({ minLength: 1, maxLength: 40 }).filter((each) => each.trim() !== ""),
    );
    fc.assert(
      fc.property(name, fc.constantFrom("from", "mentions"), (called, filter) => {
        const id = "100000000000000001";
        const user = { ...member(id).user, username: "u", global_name: called };
        const members = [member(ME), { ...member(id), user }];
        const state = hear(
          hear(initialState(), "READY", ready([GUILD])),
          "GUILD_CREATE",
          guildCreate({ members, roles: [role(GUILD, 1n << 10n)] }),
        );
        const begun = { filter: filter as "from" | "mentions", query: "", from: 0, to: 0 };
        const chosen = searchSuggestions(state, HERE, begun).find(
          (each) => each.kind === "person" && each.id === id,
        );
        const read = wanted(chosen?.typed ?? "", state);
        expect([...read.authors, ...read.mentions]).toEqual([id]);
      }),
    );
  });

  test("each filter is offered by its own name", () => {
    for (const filter of FILTERS) expect(offered(filter)).toContain(`${filter}:`);
  });
});

describe("marks", () => {
  test("words are marked wherever they stand, in whatever case, and are no patterns", () => {
    expect(markedParts("The mast, the MASTs (12.4 m)", ["mast", "2.4", "("])).toEqual([
      { text: "The ", hit: false },
      { text: "mast", hit: true },
      { text: ", the ", hit: false },
      { text: "MAST", hit: true },
      { text: "s ", hit: false },
      { text: "(", hit: true },
      { text: "1", hit: false },
      { text: "2.4", hit: true },
      { text: " m)", hit: false },
    ]);
  });

  test("of a long text that part is shown in which the words stand", () => {
    const long = `${"the sea ".repeat(200)}mast ${"the sky ".repeat(200)}`;
    expect(excerpt(long, ["MAST"])).toMatch(/^… .{100,200}mast .{100,500} …$/);
    expect(excerpt(long, ["nowhere"])).toMatch(/^the sea/);
    expect(excerpt("short", ["mast"])).toBe("short");
    expect(excerpt(`${"a".repeat(599)}😀b`, [])).toBe(`${"a".repeat(599)} …`);
  });

  test("no letter is lost or added", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { maxLength: 4 }), (text, words) => {
        expect(
          markedParts(text, words)
            .map((part) => part.text)
            .join(""),
        ).toBe(text);
      }),
    );
  });
});

describe("in a conversation", () => {
  const TRIP: SearchPlace = { kind: "conversation", id: "400" };
  const trip = () => {
    const group = {
      id: "400",
      type: 3,
      name: "Trip",
      owner_id: ME,
      recipients: [user("1002", "Ada"), user("1003", "Bo")],
    };
    const state = hear(initialState(), "READY", ready([GUILD], [group as never]));
    const members = [member(ME), { ...member("1004"), user: user("1004", "Cy") }];
    const roles = [role(GUILD, 1n << 10n), { ...role("40", 0n), name: "Keepers" }];
    return hear(state, "GUILD_CREATE", guildCreate({ members, roles }));
  };
  const read = (text: string) => wantedMessages(trip(), TRIP, text, NOW);
  const offered = (text: string) => {
    const begun = searchBegunAt(text, text.length);
    return begun === null ? [] : searchSuggestions(trip(), TRIP, begun).map((each) => each.typed);
  };

  test("its people are meant by their names, oneself too, and who left by theirs", () => {
    expect(read("mast from:ada mentions:bo from:me has:link")).toMatchObject({
      kind: "search",
      search: { words: ["mast"], authors: ["1002", ME], mentions: ["1003"], has: ["link"] },
    });
    expect(read("from:cy")).toMatchObject({ search: { authors: ["1004"] } });
  });

  test("it has no channels and no roles", () => {
    expect(read("in:Trip mentions:Keepers")).toEqual({
      kind: "unclear",
      problems: [
        { filter: "in", value: "Trip" },
        { filter: "mentions", value: "Keepers" },
      ],
    });
  });

  test("who is in it is offered, and nobody else; and no channel", () => {
    expect(offered("from:").sort()).toEqual(['from:"user 1001" ', "from:Ada ", "from:Bo "]);
    expect(offered("mentions:k")).toEqual([]);
    expect(offered("in:")).toEqual([]);
    expect(offered("in")).toEqual([]);
    expect(filtersIn(TRIP)).toEqual(FILTERS.filter((each) => each !== "in"));
  });
});

describe("asking", () => {
  const PATH = `/guilds/${GUILD}/messages/search`;
  const found = (more: object = {}) => ({
    messages: [[message("500", "300", "1002")]],
    threads: [],
    total_results: 26,
    doing_deep_historical_index: false,
    ...more,
  });
  const later = { code: 110_000, documents_indexed: 10_000, retry_after: 0 };

  async function client(answers: readonly { status: number; body?: unknown }[], path = PATH) {
    const stage = new Stage();
    const left = [...answers];
    stage.respond = (request) => (request.url.includes(path) ? (left.shift() ?? null) : { status: 404 });
    return {
      stage,
      client: createClient(stage.options()),
      asked: () => stage.requests.map(({ url }) => url),
    };
  }

  function going(more: Partial<Searching> = {}): Searching & { readonly looked: number[] } {
    const looked: number[] = [];
    const rest = { offset: 0, oldestFirst: false, isCalledOff: () => false, ...more };
    return { ...rest, looked, onLooked: (count) => looked.push(count) };
  }

  test("everything that is wanted is in the query, and what is found is told with who said it", async () => {
    const { stage, client: made, asked } = await client([{ status: 200, body: found() }]);
    const search = wanted('a&b from:ada in:"the boat" has:file pinned:true before:today');
    const wish = made.actions.searchMessages(HERE, search, going({ offset: 25, oldestFirst: true }));
    await stage.pass(0);
    const outcome = await wish;
    expect(outcome).toMatchObject({ ok: true, value: { total: 26, hasMore: false, inPart: false } });
    expect(made.store.getState().users["1002"]?.username).toBe("user 1002");
    const query = new URL(asked().find((url) => url.includes(PATH)) ?? "http://none").searchParams;
    expect(Object.fromEntries(query)).toEqual({
      limit: "25",
      offset: "25",
      sort_order: "asc",
      author_id: "1002",
      channel_id: "301",
      has: "file",
      content: "a&b",
      pinned: "true",
      max_id: idAt(day(11, 23)),
    });
  });

  test("a conversation is asked for by its own number, and what is found in it is in no guild", async () => {
    const {
      stage,
      client: made,
      asked,
    } = await client([{ status: 200, body: found() }], "/channels/400/messages/search");
    const wish = made.actions.searchMessages({ kind: "conversation", id: "400" }, wanted("mast"), going());
    await stage.pass(0);
    const outcome = await wish;
    expect(outcome).toMatchObject({
      ok: true,
      value: { total: 26, hasMore: true, messages: [{ guildId: null }] },
    });
    expect(asked().some((url) => url.includes("/channels/400/messages/search?limit=25"))).toBe(true);
  });

  test("a search that is not through is asked for again, and tells how far it is", async () => {
    const answers = [
      { status: 202, body: later },
      { status: 202, body: { ...later, documents_indexed: 20_000 } },
      { status: 200, body: found({ doing_deep_historical_index: true }) },
    ];
    const { stage, client: made } = await client(answers);
    const how = going();
    const wish = made.actions.searchMessages(HERE, wanted("mast"), how);
    await stage.pass(1_000);
    expect(await wish).toMatchObject({ ok: true, value: { inPart: true, hasMore: true } });
    expect(how.looked).toEqual([10_000, 20_000]);
  });

  test("a search that is called off asks no further", async () => {
    let off = false;
    const { stage, client: made, asked } = await client([{ status: 202, body: later }]);
    const wish = made.actions.searchMessages(HERE, wanted("mast"), going({ isCalledOff: () => off }));
    await stage.pass(0);
    off = true;
    await stage.pass(1_000);
    expect(await wish).toEqual({ ok: true, value: null });
    expect(asked().filter((url) => url.includes(PATH)).length).toBe(1);
  });

  test("a program that is never through is not asked for ever", async () => {
    const endless = Array.from({ length: 1_000 }, () => ({ status: 202, body: later }));
    const { stage, client: made, asked } = await client(endless);
    const wish = made.actions.searchMessages(HERE, wanted("mast"), going());
    await stage.pass(60_000);
    expect(await wish).toMatchObject({ ok: false, failure: { kind: "timeout" } });
    expect(asked().filter((url) => url.includes(PATH)).length).toBe(400);
  });
});
