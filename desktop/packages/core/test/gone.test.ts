import { beforeEach, expect, test } from "vitest";
import { createClient, goneAt, initialState, Permission, type State } from "../src/index.ts";
import { drafted } from "../src/state/drafts.ts";
import { withPending } from "../src/state/pending.ts";
import { type EventName, reduce } from "../src/state/reduce.ts";
import type { Pending } from "../src/state/state.ts";
import { Stage } from "./stage.ts";
import { channel, GUILD, guildCreate, ME, ready, role, user } from "./world.ts";

const GROUP = { id: "400", type: 3, name: "Trip", owner_id: "1002", recipients: [user("1002")] };
const SEES = Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES;
const HARBOUR = guildCreate({
  owner: "1002",
  channels: [channel("300", { name: "quay" }), channel("301", { name: "mast" })],
  roles: [role(GUILD, SEES)],
});

let state: State;
const hear = (t: EventName, d: unknown) => {
  state = reduce(state, t, d as never, 0);
};

beforeEach(() => {
  state = initialState();
  hear("READY", ready([GUILD], [GROUP as never]));
  hear("GUILD_CREATE", HARBOUR);
});

const waits = (channelId: string, content: string): Pending => ({
  nonce: content,
  channelId,
  content,
  answers: null,
  mentionAnswered: false,
  at: 0,
  state: "queued",
  reason: null,
  uncertain: false,
  after: null,
});

test("who is put out of a conversation is told of which, and what they were writing is not lost", () => {
  state = withPending(drafted(state, "400", "see you at"), waits("400", "on my way"));
  expect(goneAt(state, null, "400")).toBeNull();
  hear("CHANNEL_DELETE", GROUP);
  expect(goneAt(state, null, "400")).toMatchObject({ kind: "conversation", name: "Trip", how: "out" });
  expect(state.unsaid).toEqual([
    { channelId: "400", place: "Trip", text: "on my way\n\nsee you at", files: 0 },
  ]);
});

test("who is put out of a guild is told of the guild, and not of each of its channels", () => {
  state = drafted(state, "301", "12.4 m");
  hear("GUILD_DELETE", { id: GUILD });
  expect(goneAt(state, GUILD, "300")).toMatchObject({ kind: "guild", name: HARBOUR.name, how: "out" });
  expect(state.gone).toHaveLength(1);
  expect(state.unsaid).toMatchObject([{ place: "#mast", text: "12.4 m" }]);
});

test("a channel that is deleted, closed, or missed while one was away, is told apart", () => {
  hear("CHANNEL_DELETE", { ...channel("300", { name: "quay" }), guild_id: GUILD });
  expect(goneAt(state, GUILD, "300")).toMatchObject({ name: "#quay", how: "deleted" });
  const denied = { id: GUILD, type: 0, allow: "0", deny: Permission.VIEW_CHANNEL.toString() };
  const closed = channel("301", { name: "mast", permission_overwrites: [denied as never] });
  hear("CHANNEL_UPDATE", { ...closed, guild_id: GUILD });
  expect(goneAt(state, GUILD, "301")).toMatchObject({ name: "#mast", how: "closed" });
  hear("GUILD_CREATE", { ...HARBOUR, channels: [] });
  expect(goneAt(state, GUILD, "301")).toMatchObject({ name: "#mast", how: "unknown" });
});

test("of several places that are gone at once the one where somebody was writing is told as the latest", () => {
  // A draft in another channel of the guild was told in its place: the one that is shown is the last.
  state = { ...state, openChannel: "300", drafts: { "300": "what did I do?", "301": "only between us" } };
  hear("GUILD_DELETE", { id: GUILD });
  expect(state.unsaid.map((each) => each.text)).toEqual(["only between us", "what did I do?"]);
});

test("who comes in again has the place before them, and an address nobody ever knew is no loss", () => {
  hear("CHANNEL_DELETE", GROUP);
  hear("CHANNEL_CREATE", GROUP);
  expect(goneAt(state, null, "400")).toBeNull();
  expect(goneAt(state, null, "999")).toBeNull();
  expect(goneAt(state, "998", "999")).toBeNull();
});

test("what one leaves oneself is no news, but where it was refused the next loss is", async () => {
  const stage = new Stage();
  const client = createClient(stage.options());
  const { store, actions } = client;
  const shown = () => goneAt(store.getState(), null, "400");
  const set = (next: State) => store.setState(next);
  set({ ...state, me: ME });
  stage.respond = () => {
    set(reduce(store.getState(), "CHANNEL_DELETE", GROUP as never, 0));
    return { status: 204 };
  };
  await actions.putOut("400", ME);
  expect(store.getState().channels["400"]).toBeUndefined();
  expect(shown()).toBeNull();
  set(reduce(store.getState(), "CHANNEL_CREATE", GROUP as never, 0));
  stage.respond = () => ({ status: 403, body: { code: 50013, message: "" } });
  await actions.putOut("400", ME);
  set(reduce(store.getState(), "CHANNEL_DELETE", GROUP as never, 0));
  expect(shown()).toMatchObject({ name: "Trip" });
});
