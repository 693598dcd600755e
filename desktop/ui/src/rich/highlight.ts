/** Colours for code: loaded when the first code block is seen. */

import { common, createLowlight } from "lowlight";

export type Colored = string | { readonly classes: string; readonly children: readonly Colored[] };

const lowlight = createLowlight(common);

/** None where the language is not known. */
export function highlight(language: string, text: string): readonly Colored[] | null {
  if (!lowlight.registered(language)) return null;
  return lowlight.highlight(language, text).children.map(colored);
}

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly properties?: { readonly className?: unknown };
  readonly children?: readonly Node[];
}

function colored(node: Node): Colored {
  if (node.type === "text") return node.value ?? "";
  const names = node.properties?.className;
  const classes = Array.isArray(names) ? names.join(" ") : "";
  return { classes, children: (node.children ?? []).map(colored) };
}
