import { expect, test } from "vitest";
import { channelName, initialState, type State } from "../src/index.ts";
import { type EventName, reduce } from "../src/state/reduce.ts";
import { message as decoded } from "../src/wire/decode_message.ts";
import { GUILD, message, ready, user } from "./world.ts";

const hear = (state: State, t: EventName, d: unknown) => reduce(state, t, d as never, 0);

test("people come into a conversation of several and go, and it is called by its name once it has one", () => {
  const group = {
    id: "400",
    type: 3,
    name: null,
    owner_id: "1002",
    recipients: [user("1002"), user("1003")],
  };
  let state = reduce(initialState(), "READY", ready([GUILD], [group as never]), 0);
  const shown = () => state.channels["400"];
  expect(shown()?.headId).toBe("1002");
  state = hear(state, "CHANNEL_RECIPIENT_ADD", { channel_id: "400", user: user("1004") });
  state = hear(state, "CHANNEL_RECIPIENT_ADD", { channel_id: "400", user: user("1004") });
  expect(shown()?.recipients).toEqual(["1002", "1003", "1004"]);
  state = hear(state, "CHANNEL_RECIPIENT_REMOVE", { channel_id: "400", user: user("1003") });
  expect(shown()?.recipients).toEqual(["1002", "1004"]);
  const named = { ...group, name: "Trip", recipients: [user("1002"), user("1004")] };
  state = hear(state, "CHANNEL_UPDATE", named);
  const channel = shown();
  expect(channel === undefined ? null : channelName(state, channel)).toBe("Trip");
  state = hear(state, "CHANNEL_DELETE", named);
  expect(state.channels["400"]).toBeUndefined();
  expect(state.privateChannels).toEqual([]);
});

test("what somebody did to a conversation is told as that, and not as something they said", () => {
  const kinds = ([1, 2, 4] as const).map(
    (type) => decoded({ ...message("1", "400", "1002"), type }, null).kind,
  );
  expect(kinds).toEqual(["added", "removed", "named"]);
});
