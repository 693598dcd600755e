/** The bytes of files that wait, in the page's IndexedDB; in its memory where there is none. */

import type { FileStore } from "../client/ports.ts";

const NAME = "nexus.files";
const TABLE = "bytes";

export function webFiles(): FileStore {
  /** What is being written, and what could not be. */
  const memory = new Map<string, Blob>();
  let opening: Promise<IDBDatabase> | null = null;

  function opened(): Promise<IDBDatabase> {
    opening ??= open(() => {
      opening = null;
    });
    return opening;
  }

  async function within<T>(
    mode: IDBTransactionMode,
    ask: (table: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> {
    const transaction = (await opened()).transaction(TABLE, mode);
    const request = ask(transaction.objectStore(TABLE));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    });
  }

  return {
    async put(key, bytes) {
      if (!(bytes instanceof Blob)) return false;
      memory.set(key, bytes);
      try {
        await within("readwrite", (table) => table.put(bytes, key));
      } catch {
        return false;
      }
      // Removed meanwhile: then it is not to come back.
      if (memory.delete(key)) return true;
      await within("readwrite", (table) => table.delete(key));
      return true;
    },
    async get(key) {
      const found = memory.get(key) ?? (await within("readonly", (table) => table.get(key)));
      return found instanceof Blob && (await isReadable(found)) ? found : null;
    },
    async remove(key) {
      memory.delete(key);
      await within("readwrite", (table) => table.delete(key));
    },
    async keys() {
      return (await within("readonly", (table) => table.getAllKeys())).map(String);
    },
  };
}

/** A file on the disk may have been changed or deleted since it was chosen. */
async function isReadable(blob: Blob): Promise<boolean> {
  try {
    await blob.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function open(onEnd: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
    request.onsuccess = () => {
      const database = request.result;
      // Who comes with a later version is not kept waiting.
      database.onversionchange = () => {
        database.close();
        onEnd();
      };
      database.onclose = onEnd;
      resolve(database);
    };
    request.onerror = () => {
      onEnd();
      reject(request.error ?? new Error("no database"));
    };
  });
}
