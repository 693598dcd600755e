import { SHORTCUTS } from "../app/shortcuts.ts";
import { t } from "../i18n/translate.ts";
import { Keys } from "../parts/notice.tsx";

export function KeysList() {
  return (
    <dl className="nx-keys-list">
      {SHORTCUTS.map(({ keys, words }) => (
        <div key={words} className="nx-keys-row">
          <dt>{t(words)}</dt>
          <dd>
            <Keys of={keys} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
