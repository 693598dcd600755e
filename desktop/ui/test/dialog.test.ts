import { act, createElement } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test } from "vitest";
import { DialogBox } from "../src/parts/dialog.tsx";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

let closeAll = () => {};
afterEach(() => closeAll());

/** A dialog in which a file can be chosen, and how often it was to be closed. */
async function opened() {
  const asked = { times: 0 };
  const onClose = () => {
    asked.times += 1;
  };
  const root = createRoot(document.body.appendChild(document.createElement("div")));
  const input = createElement("input", { type: "file" });
  await act(async () => root.render(createElement(DialogBox, { title: "New post", onClose }, input)));
  closeAll = () => act(() => root.unmount());
  return asked;
}

const cancelled = (selector: string, bubbles: boolean) =>
  act(async () => {
    document.querySelector(selector)?.dispatchEvent(new Event("cancel", { bubbles, cancelable: true }));
  });

test("who chooses no file after all has what they wrote still: that is not the dialog's own Escape", async () => {
  const asked = await opened();
  await cancelled("dialog input", true);
  expect(asked.times).toBe(0);
  await cancelled("dialog", false);
  expect(asked.times).toBe(1);
});
