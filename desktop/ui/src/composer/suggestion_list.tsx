import { useEffect, useRef } from "react";
import { CustomEmoji } from "../emoji/custom.tsx";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { Icon } from "../parts/icon.tsx";
import { Bell, Hash, Shield } from "../parts/icons.ts";
import type { Suggestion } from "./suggest.ts";

interface Facts {
  readonly id: string;
  readonly all: readonly Suggestion[];
  readonly active: number;
  readonly onActive: (index: number) => void;
  readonly onPick: (suggestion: Suggestion) => void;
}

/** Above the message box. The keyboard stays in the box: see its `aria-activedescendant`. */
export function SuggestionList({ id, all, active, onActive, onPick }: Facts) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    ref.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div ref={ref} className="nx-suggest" id={id} role="listbox" aria-label={t("compose.suggestions")}>
      {all.map((suggestion, at) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the box has the focus
        // biome-ignore lint/a11y/useKeyWithClickEvents: the box has the keys
        <div
          key={keyOf(suggestion)}
          id={`${id}-${at}`}
          className="nx-suggest-row"
          role="option"
          aria-selected={at === active}
          onPointerMove={() => onActive(at)}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onPick(suggestion)}
        >
          <Row suggestion={suggestion} />
        </div>
      ))}
    </div>
  );
}

function keyOf(suggestion: Suggestion): string {
  return "id" in suggestion ? suggestion.kind + suggestion.id : suggestion.kind + suggestion.name;
}

function Row({ suggestion }: { suggestion: Suggestion }) {
  const { name } = suggestion;
  switch (suggestion.kind) {
    case "person":
      return (
        <Words
          mark={<Avatar id={suggestion.id} name={name} size={24} />}
          name={name}
          detail={suggestion.detail}
        />
      );
    case "role":
      return (
        <Words mark={<Icon of={Shield} size={20} />} name={`@${name}`} detail={t("compose.role_hint")} />
      );
    case "everyone":
      return (
        <Words
          mark={<Icon of={Bell} size={20} />}
          name={`@${name}`}
          detail={t(name === "here" ? "compose.here_hint" : "compose.everyone_hint")}
        />
      );
    case "channel":
      return <Words mark={<Icon of={Hash} size={20} />} name={name} detail={suggestion.detail} />;
    case "custom_emoji":
      return (
        <Words
          mark={
            <span className="nx-suggest-emoji">
              <CustomEmoji id={suggestion.id} name={name} />
            </span>
          }
          name={`:${name}:`}
          detail=""
        />
      );
    case "emoji":
      return (
        <Words
          mark={<span className="nx-suggest-emoji">{suggestion.emoji}</span>}
          name={`:${name}:`}
          detail=""
        />
      );
  }
}

function Words({ mark, name, detail }: { mark: React.ReactNode; name: string; detail: string }) {
  return (
    <>
      <span className="nx-suggest-mark">{mark}</span>
      <bdi className="nx-suggest-name nx-clip">{name}</bdi>
      <bdi className="nx-suggest-detail nx-clip">{detail}</bdi>
    </>
  );
}
