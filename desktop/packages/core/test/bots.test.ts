import { expect, test } from "vitest";
import { type Bot, botChange, botForm, createClient, hears, withHearing } from "../src/index.ts";
import { Stage } from "./stage.ts";
import { ME, user } from "./world.ts";

const AT_A_NODE = {
  id: "70",
  name: "Clerk",
  description: "Does the books.",
  verify_key: "d75a",
  interactions_endpoint_url: null,
  flags_new: "524288",
  approximate_guild_count: 2,
  redirect_uris: [],
};
const AT_A_RELAY = {
  ...AT_A_NODE,
  id: "9",
  interactions_endpoint_url: "https://bot.example/asked",
  redirect_uris: ["https://site.example/a", "https://site.example/b"],
  public_client: false,
};
const CLERK: Bot = {
  id: "70",
  name: "Clerk",
  description: "Does the books.",
  publicKey: "d75a",
  endpoint: "",
  flags: 1n << 19n,
  guilds: 2,
  site: null,
};
const SIGNING_IN: Bot = {
  ...CLERK,
  id: "9",
  endpoint: "https://bot.example/asked",
  site: { redirects: ["https://site.example/a", "https://site.example/b"], isPublic: false },
};

type Answers = Readonly<Record<string, { readonly status: number; readonly body?: unknown }>>;

async function signedIn(answers: Answers) {
  const stage = new Stage();
  const asked: string[] = [];
  stage.respond = (request) => {
    const path = request.url.replace("http://here/api/v10", "");
    if (path === "/users/@me") return { status: 200, body: { ...user(ME), flags: 0 } };
    if (path.startsWith("/applications"))
      asked.push(`${request.method} ${path} ${request.body ?? ""}`.trim());
    return answers[`${request.method} ${path}`] ?? null;
  };
  const client = createClient(stage.options());
  await client.start();
  return { client, asked, stage };
}

test("one's bots are listed in the order in which they were made, with what their program says of them", async () => {
  const all = { status: 200, body: [AT_A_NODE, AT_A_RELAY] };
  const { client } = await signedIn({ "GET /applications": all });
  expect(await client.actions.bots()).toEqual({ ok: true, value: [SIGNING_IN, CLERK] });
});

test("a bot is made by its name, and of it only what was changed is sent", async () => {
  const { client, asked } = await signedIn({
    "POST /applications": { status: 200, body: AT_A_NODE },
    "PATCH /applications/70": { status: 200, body: { ...AT_A_NODE, name: "Hal", flags_new: "557056" } },
  });
  expect(await client.actions.createBot("Clerk")).toEqual({ ok: true, value: CLERK });
  const form = { ...botForm(CLERK), name: " Hal ", flags: withHearing(CLERK.flags, "members", true) };
  const saved = await client.actions.editBot("70", botChange(CLERK, form) ?? {});
  expect(saved).toMatchObject({ ok: true, value: { name: "Hal", flags: (1n << 19n) | (1n << 15n) } });
  const off = { endpoint: "", redirects: ["https://site.example/a"], isPublic: true };
  await client.actions.editBot("70", off);
  expect(asked).toEqual([
    'POST /applications {"name":"Clerk"}',
    'PATCH /applications/70 {"name":"Hal","flags":557056}',
    'PATCH /applications/70 {"interactions_endpoint_url":"","redirect_uris":["https://site.example/a"],"public_client":true}',
  ]);
});

test("a token and a secret are made anew, and told once; one whose answer is lost is not made again unasked", async () => {
  const { client, asked, stage } = await signedIn({
    "POST /applications/70/bot/reset": { status: 200, body: { token: "NzA.abc.def" } },
    "POST /applications/70/reset": { status: 200, body: { secret: "nxk_secret" } },
  });
  expect(await client.actions.renewBotToken("70")).toEqual({ ok: true, value: "NzA.abc.def" });
  expect(await client.actions.renewBotSecret("70")).toEqual({ ok: true, value: "nxk_secret" });
  const kept = JSON.stringify([client.store.getState(), [...stage.kept]], (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  for (const told of ["NzA.abc.def", "nxk_secret"]) expect(kept).not.toContain(told);
  const lost = client.actions.renewBotToken("9");
  await stage.pass(60_000);
  expect(await lost).toMatchObject({ ok: false, failure: { kind: "offline" } });
  expect(asked.filter((each) => each.startsWith("POST /applications/9"))).toHaveLength(1);
});

test("a bot is deleted, and one whose answer is lost is not deleted again unasked", async () => {
  const { client, asked, stage } = await signedIn({ "POST /applications/70/delete": { status: 204 } });
  expect(await client.actions.deleteBot("70")).toMatchObject({ ok: true });
  const lost = client.actions.deleteBot("9");
  await stage.pass(60_000);
  expect(await lost).toMatchObject({ ok: false, failure: { kind: "offline" } });
  expect(asked).toEqual(["POST /applications/70/delete {}", "POST /applications/9/delete {}"]);
});

test("what the program says of a field is told at that field", async () => {
  const leaf = { _errors: [{ code: "INVALID_VALUE", message: "no such address" }] };
  const { client } = await signedIn({
    "PATCH /applications/9": { status: 400, body: { code: 50_035, errors: { redirect_uris: leaf } } },
  });
  const refused = await client.actions.editBot("9", { redirects: ["javascript:alert(1)"] });
  expect(refused).toMatchObject({
    ok: false,
    failure: { kind: "invalid", fields: { redirect_uris: "no such address" } },
  });
});

test("a form that says the same again changes nothing, blanks and empty lines aside", () => {
  expect(botChange(CLERK, botForm(CLERK))).toBeNull();
  const form = botForm(SIGNING_IN);
  expect(form.redirects).toBe("https://site.example/a\nhttps://site.example/b");
  const spaced = { ...form, name: "Clerk ", redirects: `\n ${form.redirects} \n\n` };
  expect(botChange(SIGNING_IN, spaced)).toBeNull();
  const other = { ...form, description: "", endpoint: "", redirects: " https://site.example/b\n" };
  expect(botChange(SIGNING_IN, other)).toEqual({
    description: "",
    endpoint: "",
    redirects: ["https://site.example/b"],
  });
  expect(botChange(SIGNING_IN, { ...form, redirects: "", isPublic: true })).toEqual({
    redirects: [],
    isPublic: true,
  });
});

test("a bot hears by either of two flags, and what is switched off takes both and no other", () => {
  const other = 1n << 40n;
  for (const [what, many] of [
    ["presences", 12n],
    ["members", 14n],
    ["content", 18n],
  ] as const) {
    for (const bit of [many, many + 1n]) expect(hears(1n << bit, what)).toBe(true);
    expect(hears(~((1n << many) | (1n << (many + 1n))), what)).toBe(false);
    expect(withHearing(other, what, true)).toBe(other | (1n << (many + 1n)));
    expect(withHearing(other | (1n << many) | (1n << (many + 1n)), what, false)).toBe(other);
  }
});
