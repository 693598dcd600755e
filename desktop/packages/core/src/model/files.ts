/** Files that go with a message: what a person chose, and what of it may be sent. */

/** What a file is made of. Here only its size is known: of a browser it is a `Blob`. */
export interface FileBytes {
  readonly size: number;
}

/** A file as it was chosen, dropped or pasted. */
export interface ChosenFile {
  readonly name: string;
  /** Media type; empty where nobody knows. */
  readonly kind: string;
  /** None of a folder, which has no bytes. */
  readonly bytes: FileBytes | null;
}

/** A file that waits for its message, or goes with one that waits. */
export interface NewFile {
  /** By this its bytes are kept. */
  readonly key: string;
  /** As it is shown: without the mark of a spoiler. */
  readonly name: string;
  readonly kind: string;
  /** Bytes. */
  readonly size: number;
  /** What it shows, for who does not see it; empty where nothing was said. */
  readonly about: string;
  /** It is covered until somebody wants to see it. */
  readonly spoiler: boolean;
  /** False: the browser does not keep it, and it is gone with the page. */
  readonly kept: boolean;
}

export type FileChange = Partial<Pick<NewFile, "about" | "spoiler">>;

/** Why a file cannot go along. */
export interface FileRefusal {
  readonly name: string;
  readonly why: "too_large" | "too_many" | "too_large_together" | "folder";
}

/** The program's limits: bytes of one file, files of a message, bytes of all of them, characters about one. */
export const FILE_MAX = 10 * 1024 * 1024;
export const FILES_MAX = 10;
export const FILES_TOGETHER_MAX = 25 * 1024 * 1024;
export const FILE_ABOUT_MAX = 1_024;

/** What is added to `tray`, and what is not. `keyOf`: a key that no other file has. */
export function chosenFor(
  tray: readonly NewFile[],
  chosen: readonly ChosenFile[],
  keyOf: () => string,
): { readonly added: readonly Added[]; readonly refused: readonly FileRefusal[] } {
  const added: Added[] = [];
  const refused: FileRefusal[] = [];
  let together = tray.reduce((sum, file) => sum + file.size, 0);
  for (const { name: from, kind, bytes } of chosen) {
    const name = plainName(from);
    const why = whyNot(bytes, tray.length + added.length, together);
    if (bytes === null || why !== null) {
      refused.push({ name, why: why ?? "folder" });
      continue;
    }
    together += bytes.size;
    const file = { key: keyOf(), name, kind, size: bytes.size, about: "", spoiler: false, kept: true };
    added.push({ file, bytes });
  }
  return { added, refused };
}

interface Added {
  readonly file: NewFile;
  readonly bytes: FileBytes;
}

function whyNot(bytes: FileBytes | null, many: number, together: number): FileRefusal["why"] | null {
  if (bytes === null) return "folder";
  if (bytes.size > FILE_MAX) return "too_large";
  if (many >= FILES_MAX) return "too_many";
  return together + bytes.size > FILES_TOGETHER_MAX ? "too_large_together" : null;
}

/** Discord's mark of a covered file: its name begins with it. */
const SPOILER = "SPOILER_";
/** Characters of a name that the program keeps, the mark left out. */
const NAME_MAX = 100 - SPOILER.length;

export function sentName({ name, spoiler }: NewFile): string {
  return spoiler ? SPOILER + name : name;
}

export function isSpoiler(filename: string): boolean {
  return filename.startsWith(SPOILER);
}

/** A name that came, without the mark. */
export function shownName(filename: string): string {
  return isSpoiler(filename) ? filename.slice(SPOILER.length) : filename;
}

/** Without a path and without what no name has; of a long one the middle goes, for its end says what it is. */
export function plainName(from: string): string {
  const last = from.split(/[/\\]/).at(-1) ?? "";
  const letters = [...last].filter((letter) => !CONTROL.test(letter));
  const name = letters.join("");
  if (name.replace(/^\.+|\.+$/g, "").trim() === "") return "file";
  if (letters.length <= NAME_MAX) return name;
  const end = /\.[^.]{1,16}$/u.exec(name)?.[0] ?? "";
  return letters.slice(0, NAME_MAX - [...end].length).join("") + end;
}

const CONTROL = /\p{Cc}/u;

/** What a browser shows in its place, by the end of its name: the program serves it as what that says. */
export function isPicture(filename: string): boolean {
  return /\.(png|jpe?g|gif|webp|avif)$/i.test(filename);
}

/** By the end of its name. */
export function isFilm(filename: string): boolean {
  return /\.(mp4|m4v|webm|mov|mkv|avi|ogv)$/i.test(filename);
}
