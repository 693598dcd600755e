import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { emoji } from "./vite.emoji.ts";

/** The program that a page under development talks to. */
const PROGRAM = process.env.NEXUS_ORIGIN ?? "http://127.0.0.1:8081";

export default defineConfig({
  plugins: [react(), emoji()],
  build: {
    target: "es2022",
    // What the content security policy forbids: nothing is written into the page itself.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/api": { target: PROGRAM, changeOrigin: true },
      "^/\\?v=": { target: PROGRAM, ws: true, changeOrigin: true },
    },
  },
});
