import { Component, type ReactNode } from "react";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { TriangleAlert } from "../parts/icons.ts";
import { Empty } from "../parts/notice.tsx";

/** A mistake in one part of the screen leaves the others standing. */
export class Boundary extends Component<{ readonly children: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <Empty icon={TriangleAlert} title={t("app.broken_title")} text={t("app.broken_text")}>
        <Button look="primary" onClick={() => location.reload()}>
          {t("app.reload")}
        </Button>
      </Empty>
    );
  }
}
