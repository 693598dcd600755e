import type { Unread } from "@nexus/core";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import { Pencil } from "../parts/icons.ts";
import { Badge } from "../parts/notice.tsx";

/**
 * What a row of a list shows beside its name: that something was begun there, and what is new. It is part of what the row
 * is called, so that whoever hears the row, or says its words to have it pressed, has all that is seen.
 */
export function RowMarks({ draft, news }: { draft: boolean; news: Unread }) {
  return (
    <>
      {draft ? (
        <span
          className="nx-channel-draft"
          role="img"
          aria-label={t("channels.draft")}
          data-tip={t("channels.draft")}
        >
          <Icon of={Pencil} size={13} />
        </span>
      ) : null}
      {news.mentions > 0 ? (
        <Badge n={news.mentions} spoken />
      ) : news.unread ? (
        <span className="nx-hidden">{t("channels.unread")}</span>
      ) : null}
    </>
  );
}
