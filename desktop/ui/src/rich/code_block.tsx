import { Fragment, type ReactNode, useEffect, useState } from "react";
import { toast } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { IconButton } from "../parts/button.tsx";
import { Copy } from "../parts/icons.ts";
import type { Colored } from "./highlight.ts";

/** Longer code is shown without colours. */
const COLORED_MAX = 20_000;

/** Code, with colours as soon as they are there: the words never wait for them. */
export function CodeBlock({ language, text }: { language: string; text: string }) {
  const colored = useColored(language, text);
  return (
    <figure className="nx-code-block" dir="ltr">
      <figcaption className="nx-code-head">
        <span className="nx-clip">{language === "" ? t("talk.code") : language}</span>
        <IconButton size="small" icon={Copy} label={t("talk.copy_code")} onClick={() => void copy(text)} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is too wide has to be scrolled by keys too */}
      <pre tabIndex={0}>
        <code>{colored === null ? text : parts(colored)}</code>
      </pre>
    </figure>
  );
}

export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("common.copied"), "ok");
  } catch {
    toast(t("fail.forbidden"), "danger");
  }
}

function useColored(language: string, text: string): readonly Colored[] | null {
  const [colored, setColored] = useState<{ of: string; parts: readonly Colored[] } | null>(null);
  useEffect(() => {
    if (language === "" || text.length > COLORED_MAX) return;
    let wanted = true;
    const later = whenIdle(async () => {
      const { highlight } = await import("./highlight.ts");
      const parts = highlight(language, text);
      if (wanted && parts !== null) setColored({ of: text, parts });
    });
    return () => {
      wanted = false;
      later();
    };
  }, [language, text]);
  return colored?.of === text ? colored.parts : null;
}

/** Not while a channel is being drawn. */
function whenIdle(job: () => Promise<void>): () => void {
  const run = () => void job().catch(() => {});
  if (typeof requestIdleCallback === "function") {
    const id = requestIdleCallback(run, { timeout: 500 });
    return () => cancelIdleCallback(id);
  }
  const id = setTimeout(run, 30);
  return () => clearTimeout(id);
}

function parts(all: readonly Colored[]): ReactNode {
  return all.map((part, at) =>
    typeof part === "string" ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text keep their places
      <Fragment key={at}>{part}</Fragment>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above
      <span key={at} className={part.classes}>
        {parts(part.children)}
      </span>
    ),
  );
}
