import { dropToast, useScreen } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { IconButton } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { CircleAlert, CircleCheck, Info, X } from "./icons.ts";

const ICONS = { plain: Info, ok: CircleCheck, danger: CircleAlert } as const;

/** What became of something one just did. */
export function Toasts() {
  const toasts = useScreen((screen) => screen.toasts);
  return (
    <div className="nx-toasts" role="status" aria-live="polite">
      {toasts.map((toast) => (
        <div key={toast.id} className="nx-toast" data-tone={toast.tone}>
          <Icon of={ICONS[toast.tone]} size={18} />
          <span className="nx-toast-words">{toast.text}</span>
          <IconButton size="small" icon={X} label={t("common.close")} onClick={() => dropToast(toast.id)} />
        </div>
      ))}
    </div>
  );
}
