import { type Block, type Inline, type Markdown, markdown, markedParts } from "@nexus/core";
import { createContext, memo, type ReactNode, useContext, useMemo } from "react";
import { CustomEmoji } from "../emoji/custom.tsx";
import { cx } from "../parts/classes.ts";
import { CodeBlock } from "./code_block.tsx";
import { ChannelLink, RoleMention, Spoiler, Timestamp, UserMention } from "./marks.tsx";

interface RichFacts {
  readonly text: string;
  readonly guildId: string | null;
  /** Stands at the end of the last line. */
  readonly tail?: ReactNode;
}

/** Words that stand out in what is drawn below: those that were looked for. */
export const MarkedWords = createContext<readonly string[]>([]);

/** Text in which they do. */
export function Marked({ text }: { text: string }): ReactNode {
  const words = useContext(MarkedWords);
  if (words.length === 0) return text;
  return markedParts(text, words).map((part, at) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: a text is drawn whole; its parts have no other names
    part.hit ? <mark key={at}>{part.text}</mark> : part.text,
  );
}

/** What somebody wrote. Only elements of ours come of it, whatever it says. */
export const RichText = memo(function RichText({ text, guildId, tail }: RichFacts) {
  const tree: Markdown = useMemo(() => markdown(text), [text]);
  return (
    <div className={cx("nx-rich", tree.onlyEmoji && "nx-rich-emoji")} dir="auto">
      {blocks(tree.blocks, guildId)}
      {tail}
    </div>
  );
});

function blocks(all: readonly Block[], guildId: string | null): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: a tree is drawn whole; its parts have no other names
  return all.map((block, at) => <BlockOf key={at} block={block} guildId={guildId} />);
}

function BlockOf({ block, guildId }: { block: Block; guildId: string | null }) {
  switch (block.kind) {
    case "paragraph":
      return <p>{inlines(block.children, guildId)}</p>;
    case "heading":
      // Not a heading of the page: a message must not break the outline.
      return <p className={`nx-rich-h${block.level}`}>{inlines(block.children, guildId)}</p>;
    case "subtext":
      return <p className="nx-rich-sub">{inlines(block.children, guildId)}</p>;
    case "quote":
      return <blockquote>{blocks(block.children, guildId)}</blockquote>;
    case "code_block":
      return <CodeBlock language={block.language} text={block.text} />;
    case "list": {
      const items = block.items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: as above
        <li key={at}>{blocks(item, guildId)}</li>
      ));
      return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>;
    }
  }
}

export function inlines(all: readonly Inline[], guildId: string | null): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: as above
  return all.map((node, at) => <InlineOf key={at} node={node} guildId={guildId} />);
}

function InlineOf({ node, guildId }: { node: Inline; guildId: string | null }): ReactNode {
  switch (node.kind) {
    case "text":
      return <Marked text={node.text} />;
    case "break":
      return <br />;
    case "strong":
      return <strong>{inlines(node.children, guildId)}</strong>;
    case "emphasis":
      return <em>{inlines(node.children, guildId)}</em>;
    case "underline":
      return <u>{inlines(node.children, guildId)}</u>;
    case "strike":
      return <s>{inlines(node.children, guildId)}</s>;
    case "spoiler":
      return <Spoiler text={textOf(node.children)}>{inlines(node.children, guildId)}</Spoiler>;
    case "code":
      return (
        <code className="nx-code">
          <Marked text={node.text} />
        </code>
      );
    case "link":
      return <Link href={node.href}>{inlines(node.children, guildId)}</Link>;
    case "user":
      return <UserMention id={node.id} guildId={guildId} />;
    case "role":
      return <RoleMention id={node.id} guildId={guildId} />;
    case "channel":
      return <ChannelLink id={node.id} />;
    case "everyone":
      return <span className="nx-mention">{node.here ? "@here" : "@everyone"}</span>;
    case "emoji":
      return <CustomEmoji id={node.id} name={node.name} />;
    case "timestamp":
      return <Timestamp at={node.at} style={node.style} />;
  }
}

function textOf(all: readonly Inline[]): string {
  return all
    .map((node) => ("text" in node ? node.text : "children" in node ? textOf(node.children) : "…"))
    .join("");
}

/** The address is shown to the pointer, so that a masked link hides nothing. */
function Link({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={href} dir="auto">
      {children}
    </a>
  );
}
