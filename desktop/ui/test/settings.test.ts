import { beforeEach, expect, test, vi } from "vitest";

beforeEach(() => {
  localStorage.clear();
  vi.resetModules();
});

async function chosen() {
  const { settings } = await import("../src/app/settings.ts");
  return settings.getState();
}

test("what was chosen is there again after a reload", async () => {
  localStorage.setItem("nexus.settings", JSON.stringify({ theme: "light", density: "compact" }));
  expect(await chosen()).toMatchObject({ theme: "light", density: "compact", text: "normal" });
});

test("what was kept and means nothing is passed over", async () => {
  localStorage.setItem(
    "nexus.settings",
    JSON.stringify({ theme: "plaid", announce: "yes", density: "compact" }),
  );
  expect(await chosen()).toMatchObject({ theme: "dark", announce: true, density: "compact" });
  vi.resetModules();
  localStorage.setItem("nexus.settings", "{");
  expect(await chosen()).toMatchObject({ theme: "dark" });
});
