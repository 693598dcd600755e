/** Records that are never changed in place. Each returns the same object where nothing changed. */

export type Dict<T> = Readonly<Record<string, T>>;

export function put<T>(record: Dict<T>, key: string, value: T): Dict<T> {
  return record[key] === value ? record : { ...record, [key]: value };
}

export function putAll<T>(record: Dict<T>, values: readonly T[], key: (value: T) => string): Dict<T> {
  if (values.length === 0) return record;
  const out: Record<string, T> = { ...record };
  for (const value of values) out[key(value)] = value;
  return out;
}

export function drop<T>(record: Dict<T>, ...keys: readonly string[]): Dict<T> {
  if (!keys.some((key) => key in record)) return record;
  const out: Record<string, T> = { ...record };
  for (const key of keys) delete out[key];
  return out;
}

/** Changes what is there; what is not there stays so. */
export function update<T>(record: Dict<T>, key: string, change: (value: T) => T): Dict<T> {
  const before = record[key];
  return before === undefined ? record : put(record, key, change(before));
}

export function byKey<T>(values: readonly T[], key: (value: T) => string): Dict<T> {
  return putAll<T>({}, values, key);
}
