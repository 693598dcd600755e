import { useApp } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { WifiOff } from "../parts/icons.ts";
import { Banner } from "../parts/notice.tsx";

/** Why nothing can be moved, or why it was not. */
export function MoveNotices({ gone, failure }: { gone: boolean; failure: string | null }) {
  const isReached = useApp((state) => state.session.phase === "ready");
  return (
    <>
      {isReached ? null : <Banner icon={WifiOff}>{t("move.offline")}</Banner>}
      {gone ? <Banner tone="warn">{t("move.gone")}</Banner> : null}
      {failure === null ? null : <Banner tone="danger">{failure}</Banner>}
    </>
  );
}
