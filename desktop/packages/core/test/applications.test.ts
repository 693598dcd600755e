import { expect, test } from "vitest";
import { createClient } from "../src/index.ts";
import { Stage } from "./stage.ts";
import { ME, user } from "./world.ts";

const APPLICATION = {
  id: "70",
  name: "Dashboard",
  description: "",
  owner: { ...user("2"), username: "grace", global_name: null },
};

async function signedIn(answers: Readonly<Record<string, unknown>>) {
  const stage = new Stage();
  const asked: string[] = [];
  stage.respond = (request) => {
    const path = request.url.replace("http://here/api/v10", "");
    asked.push(`${request.method} ${path} ${request.body ?? ""}`.trim());
    if (path === "/users/@me") return { status: 200, body: { ...user(ME), flags: 0 } };
    const answer = answers[`${request.method} ${path}`];
    return answer === undefined ? { status: 404 } : { status: 200, body: answer };
  };
  const client = createClient(stage.options());
  await client.start();
  return { client, asked };
}

test("what an application asks for is read as it is said, and answered with the query it came by", async () => {
  const asking = {
    application: APPLICATION,
    scopes: ["identify", "bot"],
    bot: true,
    permissions: "3072",
    redirect_uri: "https://site.example/callback",
    authorized: false,
    error: null,
  };
  const query = "?client_id=70&scope=identify+bot";
  const { client, asked } = await signedIn({
    [`GET /oauth2/authorize${query}`]: asking,
    [`POST /oauth2/authorize${query}`]: { location: "https://site.example/callback?code=x" },
  });
  expect(await client.actions.lookAtAsking(query)).toEqual({
    ok: true,
    value: {
      application: { id: "70", name: "Dashboard", description: "", maker: "grace" },
      scopes: ["identify", "bot"],
      bot: true,
      permissions: 3_072n,
      redirect: "https://site.example/callback",
      authorized: false,
      wrong: null,
    },
  });
  const yes = { authorize: true, guildId: "5", permissions: 3_072n } as const;
  const answered = await client.actions.answerAsking(query, yes);
  expect(answered).toEqual({ ok: true, value: "https://site.example/callback?code=x" });
  await client.actions.answerAsking(query, { ...yes, permissions: null });
  await client.actions.answerAsking(query, { authorize: false });
  expect(asked.slice(-3)).toEqual([
    `POST /oauth2/authorize${query} {"authorize":true,"permissions":"3072","guild_id":"5"}`,
    `POST /oauth2/authorize${query} {"authorize":true,"guild_id":"5"}`,
    `POST /oauth2/authorize${query} {"authorize":false}`,
  ]);
});

test("applications that act for one are listed and ended one by one", async () => {
  const { client, asked } = await signedIn({
    "GET /oauth2/tokens": [
      { id: "70", application: APPLICATION, scopes: ["identify"], since_ms: 1, used_ms: 2 },
    ],
    "DELETE /oauth2/tokens/70": null,
  });
  const listed = await client.actions.authorizedApps();
  expect(listed).toMatchObject({ value: [{ id: "70", scopes: ["identify"], since: 1, used: 2 }] });
  await client.actions.endAuthorized("70");
  expect(asked.at(-1)).toBe("DELETE /oauth2/tokens/70");
});
