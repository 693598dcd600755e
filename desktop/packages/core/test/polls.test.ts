import { expect, test } from "vitest";
import { initialState, type State } from "../src/index.ts";
import { voted } from "../src/state/reduce/polls.ts";
import { type EventName, reduce } from "../src/state/reduce.ts";
import { showPage } from "../src/state/window.ts";
import type * as wire from "../src/wire/generated.ts";
import { AT, channel, GUILD, guildCreate, ME, message, ready } from "./world.ts";

const answer = (id: number) => ({ answer_id: id, poll_media: { text: `answer ${id}` } });
const count = (id: number, given: number) => ({ id, count: given, me_voted: false });
const POLL: wire.Poll = {
  question: { text: "Where?" },
  answers: [answer(1), answer(2)],
  expiry: AT,
  allow_multiselect: true,
  layout_type: 1,
  results: { answer_counts: [count(1, 2), count(2, 0)], is_finalized: false },
};

const hear = (state: State, t: EventName, d: unknown) => reduce(state, t, d as never, 0);
const asked = { ...message("500", "300", "1002", { poll: POLL }), guild_id: GUILD };
const vote = (user: string, id: number) => ({
  user_id: user,
  channel_id: "300",
  message_id: "500",
  answer_id: id,
});
const poll = (state: State) => state.messages["300"]?.["500"]?.poll;

function begun(): State {
  let state = hear(initialState(), "READY", ready([GUILD]));
  state = hear(state, "GUILD_CREATE", guildCreate({ channels: [channel("300")] }));
  state = showPage(state, "300", { messages: [], hasOlder: false, hasNewer: false }, null);
  return hear(state, "MESSAGE_CREATE", asked);
}

test("what others answer is counted as it comes", () => {
  let state = hear(begun(), "MESSAGE_POLL_VOTE_ADD", vote("1002", 2));
  expect(poll(state)?.counts).toEqual({ 1: 2, 2: 1 });
  state = hear(state, "MESSAGE_POLL_VOTE_REMOVE", vote("1003", 1));
  expect(poll(state)).toMatchObject({ counts: { 1: 1, 2: 1 }, mine: [] });
});

test("one's own ballot counts at once, and once when it is told of", () => {
  let state = voted(begun(), "300", "500", [1, 2]);
  expect(poll(state)).toMatchObject({ counts: { 1: 3, 2: 1 }, mine: [1, 2] });
  state = hear(hear(state, "MESSAGE_POLL_VOTE_ADD", vote(ME, 1)), "MESSAGE_POLL_VOTE_ADD", vote(ME, 2));
  expect(poll(state)?.counts).toEqual({ 1: 3, 2: 1 });
  state = voted(state, "300", "500", [2]);
  expect(poll(hear(state, "MESSAGE_POLL_VOTE_REMOVE", vote(ME, 1)))).toMatchObject({
    counts: { 1: 2, 2: 1 },
    mine: [2],
  });
});

test("one's vote on another device is one's own here, and an edit does not forget it", () => {
  let state = hear(begun(), "MESSAGE_POLL_VOTE_ADD", vote(ME, 2));
  expect(poll(state)).toMatchObject({ counts: { 1: 2, 2: 1 }, mine: [2] });
  const ended = { ...POLL, results: { answer_counts: [count(1, 2), count(2, 1)], is_finalized: true } };
  state = hear(state, "MESSAGE_UPDATE", { ...asked, poll: ended });
  expect(poll(state)).toMatchObject({ final: true, mine: [2] });
});
