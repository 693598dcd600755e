import { type Actions, FILES_MAX, type FileRefusal } from "@nexus/core";
import { expect, test } from "vitest";
import { screen } from "../src/app/screen.ts";
import { attach, dismissRefused, pasted, refusedTexts } from "../src/composer/chosen.ts";
import { maySend } from "../src/composer/use_send.ts";
import { GENERAL, world } from "./world.ts";

const PICTURE = new File(["x"], "image.png", { type: "image/png" });

function clipboard(types: readonly string[]) {
  return { types, files: [PICTURE] as unknown as FileList };
}

test("a picture that is pasted goes along; text that comes with a picture of itself is text", () => {
  expect(pasted(clipboard(["Files"]))).toMatchObject([{ name: "image.png", kind: "image/png" }]);
  // A picture that was copied in a browser, and a file that was copied in a folder.
  expect(pasted(clipboard(["text/html", "Files"]))).toHaveLength(1);
  expect(pasted(clipboard(["text/plain", "text/uri-list", "Files"]))).toHaveLength(1);
  expect(pasted(clipboard(["text/plain", "text/html", "text/rtf", "Files"]))).toEqual([]);
});

test("files that cannot go along are named, each reason once", () => {
  const refused: readonly FileRefusal[] = [
    { name: "film.mp4", why: "too_large" },
    { name: "photos", why: "folder" },
    { name: "tape.wav", why: "too_large" },
    { name: "11.txt", why: "too_many" },
    { name: "12.txt", why: "too_large_together" },
  ];
  expect(refusedTexts(refused)).toEqual([
    "film.mp4, tape.wav: larger than 10.5 MB, the most for one file.",
    "photos: a folder. Choose the files in it.",
    `11.txt: a message takes ${FILES_MAX} files.`,
    "12.txt: the files of a message have at most 26.2 MB together.",
  ]);
});

test("what was refused is on the screen until it is put away, or other files are chosen", () => {
  const refused = [{ name: "film.mp4", why: "too_large" }] as const;
  const answers: (readonly FileRefusal[])[] = [refused, []];
  const actions = { attach: () => answers.shift() } as unknown as Actions;
  const file = { name: "film.mp4", kind: "", bytes: PICTURE };
  attach(actions, GENERAL, [file]);
  expect(screen.getState().refused[GENERAL]).toEqual(refused);
  attach(actions, GENERAL, []);
  expect(screen.getState().refused[GENERAL], "nothing was chosen").toEqual(refused);
  attach(actions, GENERAL, [file]);
  expect(screen.getState().refused[GENERAL]).toEqual([]);
  answers.push(refused);
  attach(actions, GENERAL, [file]);
  dismissRefused(GENERAL);
  expect(screen.getState().refused[GENERAL]).toEqual([]);
});

test("files alone can be sent, but not where one may send none", () => {
  const state = world();
  const file = { key: "1", name: "a.txt", kind: "", size: 1, about: "", spoiler: false, kept: true };
  const withFile = { ...state, trays: { [GENERAL]: [file] } };
  expect(maySend(state, GENERAL, " ")).toBe(false);
  expect(maySend(state, GENERAL, "text")).toBe(true);
  expect(maySend(withFile, GENERAL, "")).toBe(true);
  const guest = { ...withFile, me: "2" };
  expect(maySend(guest, GENERAL, "text")).toBe(false);
});
