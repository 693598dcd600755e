import { defineConfig } from "vitest/config";

/** The benchmark is run like a test, one after the other, in one process that may collect its garbage when asked. */
export default defineConfig({
  test: {
    include: ["bench/**/*.bench.ts"],
    pool: "forks",
    execArgv: ["--expose-gc"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
