/** Names of classes, those that are wanted. */
export function cx(...names: readonly (string | false | null | undefined)[]): string {
  return names.filter((name) => name).join(" ");
}
