/** A browser, and people in it: each with a window, a store of cookies and a memory of their own. */

import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page, type Route } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--font-render-hinting=none",
];

export function startBrowser(): Promise<Browser> {
  const executablePath = process.env.NEXUS_CHROMIUM ?? "/usr/bin/chromium";
  // A page that a test answers for comes from nowhere, and would not be let to the program on this machine.
  const apart =
    process.env.NEXUS_UI_DIST === undefined ? [] : ["--disable-features=LocalNetworkAccessChecks"];
  return chromium.launch({ executablePath, args: [...FLAGS, ...apart], headless: true });
}

export interface Looks {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: "dark" | "light";
  readonly locale?: "en" | "stretched" | "mirrored";
  readonly still?: boolean;
  readonly touch?: boolean;
}

export interface Person {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What must not be: errors, what the policy forbids, and requests to anybody else. */
  readonly wrong: string[];
}

/** Somebody at a new browser. */
export async function person(browser: Browser, origin: string, looks: Looks = {}): Promise<Person> {
  const { width = 1280, height = 800, theme = "dark", locale = "en", still = true, touch = false } = looks;
  const context = await browser.newContext({
    viewport: { width, height },
    reducedMotion: still ? "reduce" : "no-preference",
    hasTouch: touch,
    permissions: ["clipboard-read", "clipboard-write"],
    timezoneId: "UTC",
    locale: "en-GB",
  });
  await context.addInitScript((kept) => {
    if (localStorage.getItem("nexus.settings") === null) localStorage.setItem("nexus.settings", kept);
  }, JSON.stringify({ theme, locale }));
  const page = await context.newPage();
  const wrong: string[] = [];
  watch(page, origin, wrong);
  const built = process.env.NEXUS_UI_DIST;
  if (built !== undefined) await context.route("**/*", (route) => served(route, origin, built));
  return { page, context, wrong };
}

/** What a broken line says is no mistake of the page. */
const EXPECTED = /ERR_CONNECTION|WebSocket connection|Failed to load resource|net::ERR/;

function watch(page: Page, origin: string, wrong: string[]): void {
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !EXPECTED.test(text)) wrong.push(`console: ${text}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    const known = [origin, origin.replace("http", "ws"), "data:", "blob:"].some((start) =>
      url.startsWith(start),
    );
    if (!known) wrong.push(`request: ${url}`);
  });
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".woff2": "font/woff2",
};

/** A client that was built apart, in place of the one in the program, under the same policy. */
async function served(route: Route, origin: string, built: string): Promise<void> {
  const { pathname, origin: asked } = new URL(route.request().url());
  if (asked !== origin || pathname.startsWith("/api/")) return route.fallback();
  const file = extname(pathname) === "" ? "/index.html" : pathname;
  const host = new URL(origin).host;
  const policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
    `media-src 'self' blob:; connect-src 'self' ws://${host}; manifest-src 'self'; worker-src 'self'; ` +
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
  try {
    const body = await readFile(join(built, file));
    const headers = {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-security-policy": policy,
      etag: '"built"',
    };
    await route.fulfill({ body: route.request().method() === "HEAD" ? "" : body, headers });
  } catch {
    await route.fulfill({ status: 404 });
  }
}
