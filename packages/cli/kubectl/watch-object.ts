import { type KubeObject, newStatusError } from '@coxswain/machinery';
import type { Info } from './resource-builder.ts';
import type { Session } from './session.ts';

/**
 * Shows every state of one object to `look` until it gives true.
 * @param look gets undefined when the object is not there; what it throws ends the wait
 * @param timeoutMs 0: as long as it takes
 * @returns false when the time was over first
 */
export async function watchObject(
  session: Session,
  info: Pick<Info, 'mapping' | 'namespace' | 'name'>,
  look: (object: KubeObject | undefined) => boolean,
  timeoutMs: number,
): Promise<boolean> {
  const rest = await session.rest();
  const { mapping, namespace, name } = info;
  const fieldSelector = `metadata.name=${name}`;
  const stop = new AbortController();
  const timer = timeoutMs > 0 ? session.clock.after(timeoutMs, () => stop.abort()) : undefined;
  try {
    while (!stop.signal.aborted) {
      session.signal.throwIfAborted();
      const list = await rest.list({ mapping, namespace }, { fieldSelector });
      const [first] = list.items;
      if (look(first === undefined ? undefined : withKind(first, info))) return true;
      const resourceVersion = list.metadata.resourceVersion;
      const end = new AbortController();
      let done = false;
      let failure: unknown;
      await rest.watch(
        { mapping, namespace },
        { fieldSelector, resourceVersion },
        ({ type, object }) => {
          if (done || failure !== undefined || type === 'BOOKMARK') return;
          try {
            if (type === 'ERROR') throw newStatusError(object);
            done = look(type === 'DELETED' ? undefined : withKind(object, info));
          } catch (error) {
            failure = error;
          }
          if (done || failure !== undefined) end.abort();
        },
        AbortSignal.any([stop.signal, end.signal, session.signal]),
      );
      if (failure !== undefined) throw failure;
      if (done) return true;
    }
    return false;
  } finally {
    timer?.cancel();
  }
}

function withKind(object: KubeObject, { mapping }: Pick<Info, 'mapping'>): KubeObject {
  const apiVersion = mapping.group === '' ? mapping.version : `${mapping.group}/${mapping.version}`;
  return { ...object, apiVersion, kind: mapping.kind };
}
