import { contestedMembers, nameOf } from "@nexus/core";
import { useApp, useDerived } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { Banner } from "../parts/notice.tsx";

/** Above what is said in a guild, as long as somebody in it may be somebody else. */
export function ContestedBanner({ guildId }: { guildId: string }) {
  const me = useApp((state) => state.me);
  const contested = useDerived(
    (state) => [state.members[guildId], state.users],
    (state) =>
      contestedMembers(state, guildId).map((userId) => ({
        userId,
        name: nameOf(state, userId, guildId) ?? "",
      })),
    [guildId],
  );
  const others = contested.filter(({ userId }) => userId !== me);
  return (
    <>
      {contested.length > others.length ? <Banner tone="danger">{t("contested.mine")}</Banner> : null}
      {others.length === 0 ? null : (
        <Banner tone="warn">
          {t("contested.others", { names: others.map(({ name }) => name).join(", ") })}
        </Banner>
      )}
    </>
  );
}
