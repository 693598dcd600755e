/** Files, and how a system hands them to a page. */

import type { Page } from "playwright-core";

export interface Given {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** As by the system's own dialog. */
export async function choose(page: Page, ...files: readonly Given[]): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.locator(".nx-main").getByRole("button", { name: "Add files" }).click(),
  ]);
  await chooser.setFiles([...files]);
}

/** What a system's drag or clipboard hands to the page, once what it is handed to is drawn. */
export async function hand(
  page: Page,
  selector: string,
  events: readonly string[],
  files: readonly Given[],
): Promise<void> {
  const given = files.map(({ name, mimeType, buffer }) => ({
    name,
    mimeType,
    bytes: buffer.toString("base64"),
  }));
  await page.locator(selector).first().waitFor();
  await page.evaluate(
    ({ selector, events, given }) => {
      const data = new DataTransfer();
      for (const { name, mimeType, bytes } of given) {
        const raw = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
        data.items.add(new File([raw], name, { type: mimeType }));
      }
      const element = document.querySelector(selector);
      if (element === null) throw new Error(`${selector} is gone again`);
      for (const type of events) {
        const facts = { bubbles: true, cancelable: true };
        element.dispatchEvent(
          type === "paste"
            ? new ClipboardEvent(type, { ...facts, clipboardData: data })
            : new DragEvent(type, { ...facts, dataTransfer: data }),
        );
      }
    },
    { selector, events, given },
  );
}

/** A flag, red and white: a PNG of 16 by 16 pixels. */
export const FLAG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAGElEQVR42mO4ZuaNFf3HARhGNYxqGL4aAOWqKh+4geNvAAAAAElFTkSuQmCC",
  "base64",
);
export const NOTES = {
  name: "notes, the «long» ones.txt",
  mimeType: "text/plain",
  buffer: Buffer.from("12.4 m\n".repeat(9)),
};
export const PICTURE = { name: "mast.png", mimeType: "image/png", buffer: FLAG };
