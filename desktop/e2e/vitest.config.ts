import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Each file starts its own programs and browser: one after the other, or they wait for each other.
    fileParallelism: false,
    // Long stories, on a machine that may do other things: what is awaited are events, and a hang is still found.
    testTimeout: 180_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
