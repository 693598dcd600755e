import { useActions, useApp } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Banner } from "../parts/notice.tsx";
import { leave } from "./elsewhere.ts";

/** At whom else one signs in, where the relay names anybody. */
export function Providers() {
  const actions = useActions();
  const providers = useApp((state) => state.door.providers);
  const { busy, failure, run } = useWish();
  if (providers.length === 0) return null;
  return (
    <>
      {providers.map(({ id, name }) => (
        <Button key={id} wide busy={busy} onClick={() => void run(() => leave(actions, id, "enter"))}>
          {t("elsewhere.go", { name })}
        </Button>
      ))}
      {failure === null ? null : <Banner tone="danger">{failureText(failure)}</Banner>}
    </>
  );
}

/** What a provider is called. */
export function useProviderName(id: string): string {
  return useApp((state) => state.door.providers.find((provider) => provider.id === id)?.name) ?? id;
}
