/** Text as a tree, in Discord's flavour of markdown. Nothing in it is markup of the screen: text is text. */

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "break" }
  | { readonly kind: "strong"; readonly children: readonly Inline[] }
  | { readonly kind: "emphasis"; readonly children: readonly Inline[] }
  | { readonly kind: "underline"; readonly children: readonly Inline[] }
  | { readonly kind: "strike"; readonly children: readonly Inline[] }
  | { readonly kind: "spoiler"; readonly children: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string }
  /** `href` is http, https or mailto, and nothing else. `masked`: the text does not show where it leads. */
  | {
      readonly kind: "link";
      readonly href: string;
      readonly masked: boolean;
      readonly children: readonly Inline[];
    }
  | { readonly kind: "user"; readonly id: string }
  | { readonly kind: "role"; readonly id: string }
  | { readonly kind: "channel"; readonly id: string }
  | { readonly kind: "everyone"; readonly here: boolean }
  | { readonly kind: "emoji"; readonly id: string; readonly name: string; readonly animated: boolean }
  /** `at`: Unix ms. `style`: Discord's letter. */
  | {
      readonly kind: "timestamp";
      readonly at: number;
      readonly style: "t" | "T" | "d" | "D" | "f" | "F" | "R";
    };

export type Block =
  | { readonly kind: "paragraph"; readonly children: readonly Inline[] }
  | { readonly kind: "heading"; readonly level: 1 | 2 | 3; readonly children: readonly Inline[] }
  | { readonly kind: "subtext"; readonly children: readonly Inline[] }
  | { readonly kind: "quote"; readonly children: readonly Block[] }
  | {
      readonly kind: "list";
      readonly ordered: boolean;
      readonly start: number;
      readonly items: readonly (readonly Block[])[];
    }
  /** `language`: as written, lower case; empty where none was. */
  | { readonly kind: "code_block"; readonly language: string; readonly text: string };

export interface Markdown {
  readonly blocks: readonly Block[];
  /** Nothing but emoji, at most thirty: to be drawn large. */
  readonly onlyEmoji: boolean;
}
