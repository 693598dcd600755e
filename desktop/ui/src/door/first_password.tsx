import { useActions } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { ChoosePassword } from "./choose_password.tsx";

interface Facts {
  /** In place of the password there is not. */
  readonly proof: string;
  readonly onDone: () => void;
}

/** Who comes in by a provider chooses a password. */
export function FirstPassword({ proof, onDone }: Facts) {
  const actions = useActions();
  return (
    <ChoosePassword
      words={{
        title: t("elsewhere.password_title"),
        text: t("elsewhere.password_text"),
        back: t("common.cancel"),
        go: t("elsewhere.password_go"),
        done: t("elsewhere.password_done"),
        over: t("elsewhere.over"),
      }}
      choose={(password) => actions.changePassword(proof, password)}
      isOver={(failure) => failure.fields.login !== undefined}
      onDone={onDone}
    />
  );
}
