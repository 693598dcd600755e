import fc from "fast-check";
import { expect, test } from "vitest";
import { ALL_PERMISSIONS, initialState, Permission, permissionsIn } from "../src/index.ts";
import { reduce } from "../src/state/reduce.ts";
import { channel, GUILD, guildCreate, member, role } from "./world.ts";

interface Line {
  readonly id: string;
  readonly type: 0 | 1;
  readonly allow: bigint;
  readonly deny: bigint;
}

interface Case {
  readonly everyone: bigint;
  readonly roles: readonly bigint[];
  readonly held: readonly number[];
  readonly lines: readonly Line[];
  readonly owner: boolean;
}

const bits = fc.constantFrom(...Object.values(Permission));
const some = fc.array(bits, { maxLength: 6 }).map((list) => list.reduce((sum, bit) => sum | bit, 0n));
const USER = "501";
const roleId = (index: number) => `${600 + index}`;

const line: fc.Arbitrary<Line> = fc.record({
  id: fc.constantFrom(GUILD, USER, "502", roleId(0), roleId(1), roleId(2)),
  type: fc.constantFrom<0 | 1>(0, 1),
  allow: some,
  deny: some,
});

const cases: fc.Arbitrary<Case> = fc.record({
  everyone: some,
  roles: fc.array(some, { minLength: 3, maxLength: 3 }),
  held: fc.uniqueArray(fc.integer({ min: 0, max: 2 })),
  lines: fc.uniqueArray(line, { maxLength: 6, selector: (each) => `${each.type}${each.id}` }),
  owner: fc.boolean(),
});

/** Bit by bit, as Discord's documents say it in words: who speaks last is right. */
function naive({ everyone, roles, held, lines, owner }: Case): bigint {
  if (owner) return ALL_PERMISSIONS;
  const mine = held.map((index) => roles[index] ?? 0n);
  if ([everyone, ...mine].some((each) => (each & Permission.ADMINISTRATOR) !== 0n)) return ALL_PERMISSIONS;
  const isMine = (each: Line) => each.type === 0 && held.some((index) => roleId(index) === each.id);
  const may = (bit: bigint): boolean => {
    const has = (value: bigint) => (value & bit) !== 0n;
    let answer = [everyone, ...mine].some(has);
    const say = (said: readonly Line[]) => {
      if (said.some((each) => has(each.deny))) answer = false;
      if (said.some((each) => has(each.allow))) answer = true;
    };
    say(lines.filter((each) => each.type === 0 && each.id === GUILD));
    say(lines.filter(isMine));
    say(lines.filter((each) => each.type === 1 && each.id === USER));
    return answer;
  };
  if (!may(Permission.VIEW_CHANNEL)) return 0n;
  return Object.values(Permission).reduce((sum, bit) => (may(bit) ? sum | bit : sum), 0n);
}

function stateOf({ everyone, roles, held, lines, owner }: Case) {
  const overwrites = lines.map((each) => ({ ...each, allow: `${each.allow}`, deny: `${each.deny}` }));
  const all = [role(GUILD, everyone), ...roles.map((bits, index) => role(roleId(index), bits, index + 1))];
  const create = guildCreate({
    owner: owner ? USER : "999",
    roles: all,
    members: [member(USER, held.map(roleId))],
    channels: [channel("700", { permission_overwrites: overwrites })],
  });
  return reduce(initialState(), "GUILD_CREATE", create, 0);
}

test("what somebody may do is what Discord's rules say, bit by bit", () => {
  fc.assert(
    fc.property(cases, (each) => {
      expect(permissionsIn(stateOf(each), GUILD, "700", USER)).toBe(naive(each));
    }),
    { numRuns: 1_000 },
  );
});

test("a stranger may nothing, a channel of another guild gives nothing, a conversation is open to its people", () => {
  const state = stateOf({ everyone: ALL_PERMISSIONS, roles: [], held: [], lines: [], owner: false });
  expect(permissionsIn(state, GUILD, "700", "12345")).toBe(0n);
  expect(permissionsIn(state, GUILD, "701", USER)).toBe(ALL_PERMISSIONS & 0n);
  expect(permissionsIn(state, null, "700", USER)).toBe(0n);
});
