/** A browser, and people in it: each with a window, a store of cookies and a memory of their own. */

import { type Browser, type BrowserContext, chromium, type Page, type Request } from "playwright-core";

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
  return chromium.launch({ executablePath, args: FLAGS, headless: true });
}

export interface Looks {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: "dark" | "light";
  readonly locale?: "en" | "stretched" | "mirrored";
  readonly still?: boolean;
  readonly touch?: boolean;
  /** Another origin that the window may go to. */
  readonly elsewhere?: string;
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
    // A page without an address has no storage.
    if (location.origin === "null") return;
    if (localStorage.getItem("nexus.settings") === null) localStorage.setItem("nexus.settings", kept);
  }, JSON.stringify({ theme, locale }));
  const page = await context.newPage();
  const wrong: string[] = [];
  const { elsewhere } = looks;
  // Pages of others may want more than their own; nothing leaves this machine.
  if (elsewhere !== undefined) await context.route(/^https:/, (route) => route.abort());
  watch(page, { origin, elsewhere }, wrong);
  return { page, context, wrong };
}

/** What a broken line says is no mistake of the page. */
const EXPECTED = /ERR_CONNECTION|WebSocket connection|Failed to load resource|net::ERR/;

interface Origins {
  readonly origin: string;
  readonly elsewhere: string | undefined;
}

function watch(page: Page, { origin, elsewhere }: Origins, wrong: string[]): void {
  const origins = elsewhere === undefined ? [origin] : [origin, elsewhere];
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !EXPECTED.test(text)) wrong.push(`console: ${text}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    const own = origins.flatMap((origin) => [origin, origin.replace("http", "ws")]);
    const known = [...own, "data:", "blob:"].some((start) => url.startsWith(start));
    if (!known && !isTheirs(request, elsewhere)) wrong.push(`request: ${url}`);
  });
}

/** What a page of others asks for is theirs to answer for, but not where it leads. */
function isTheirs(request: Request, elsewhere: string | undefined): boolean {
  if (elsewhere === undefined || request.isNavigationRequest()) return false;
  return request.frame().url().startsWith(elsewhere);
}
