import { type Client, ConnectionError, type ResourceClient } from '@coxswain/client';
import { isAlreadyExists, isConflict, isNotFound, type KubeObject, StatusError } from '@coxswain/machinery';
import type { Store, WriteResult } from '@coxswain/store';
import { type Found, type Register, UnknownOutcome } from './register-history.ts';

/** A store as a register. */
export function storeRegister(store: Store): Register {
  const path = (key: string): string => `/registry/registers/${key}`;
  const revisionOf = (result: WriteResult): number | undefined => (result.ok ? result.revision : undefined);
  return {
    get: async (key) => {
      const kv = await store.get(path(key));
      return kv && { text: Buffer.from(kv.value).toString(), revision: kv.modRevision };
    },
    create: async (key, text) => revisionOf(await store.create(path(key), Buffer.from(text))),
    update: async (key, text, found) =>
      revisionOf(await store.update(path(key), Buffer.from(text), found.revision)),
    delete: async (key, found) => revisionOf(await store.delete(path(key), found.revision)),
  };
}

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** ConfigMaps of an API server as a register. */
export function apiRegister(client: Client): Register {
  const api: ResourceClient<ConfigMap> = client.resource<ConfigMap>(
    { group: '', version: 'v1', resource: 'configmaps' },
    'default',
  );
  const body = (name: string, text: string, found?: Found): ConfigMap => {
    const version = found === undefined ? {} : { resourceVersion: String(found.revision) };
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...version }, data: { text } };
  };
  const versionOf = (object: KubeObject): number => Number(object.metadata.resourceVersion);
  return {
    get: (key) =>
      answered(async () => {
        const object = await api.get(key);
        return { text: object.data?.['text'] ?? '', revision: versionOf(object) };
      }),
    create: (key, text) => answered(async () => versionOf(await api.create(body(key, text)))),
    update: (key, text, found) => answered(async () => versionOf(await api.update(body(key, text, found)))),
    delete: (key, found) =>
      answered(async () => {
        const preconditions = { resourceVersion: String(found.revision) };
        await api.delete(key, { preconditions });
        return true as const;
      }),
  };
}

/** undefined: refused. */
async function answered<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isNotFound(error) || isConflict(error) || isAlreadyExists(error)) return undefined;
    if (error instanceof ConnectionError || (error instanceof StatusError && error.code >= 500))
      throw new UnknownOutcome('the server has not said', { cause: error });
    throw error;
  }
}
