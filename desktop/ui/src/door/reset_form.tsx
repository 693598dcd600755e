import { useActions } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { ChoosePassword } from "./choose_password.tsx";

interface Facts {
  /** Of the mail's link. */
  readonly code: string;
  readonly onDone: () => void;
}

/** Where the link of a mail leads. */
export function ResetForm({ code, onDone }: Facts) {
  const actions = useActions();
  return (
    <ChoosePassword
      words={{
        title: t("door.reset_title"),
        text: t("door.reset_text"),
        back: t("door.forgot_back"),
        go: t("door.reset_go"),
        done: t("door.reset_done"),
        over: t("door.reset_over"),
      }}
      choose={(password) => actions.resetPassword(code, password)}
      isOver={(failure) => failure.fields.token !== undefined}
      onDone={onDone}
    />
  );
}
