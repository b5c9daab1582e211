import type { KubeObject } from '@coxswain/machinery';

type Data = Readonly<Record<string, unknown>>;

/** Two states of a secret, without their values; where those differ, that is still to be seen. */
export function maskSecrets(
  from: KubeObject | undefined,
  to: KubeObject | undefined,
): [KubeObject | undefined, KubeObject | undefined] {
  const before: Data = from?.['data'] ?? {};
  const after: Data = to?.['data'] ?? {};
  const changed = (key: string): boolean =>
    Object.hasOwn(before, key) && Object.hasOwn(after, key) && before[key] !== after[key];
  const mask = (data: Data, text: string): Data =>
    Object.fromEntries(Object.keys(data).map((key) => [key, changed(key) ? text : '***']));
  return [masked(from, mask(before, '*** (before)')), masked(to, mask(after, '*** (after)'))];
}

function masked(object: KubeObject | undefined, data: Data): KubeObject | undefined {
  return object?.['data'] === undefined ? object : { ...object, data };
}
