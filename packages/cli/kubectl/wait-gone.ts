import { isNotFound } from '@coxswain/machinery';
import { Failure } from './error-text.ts';
import type { Info } from './resource-builder.ts';
import type { Session } from './session.ts';

/** kubectl's: no timeout given means a week. */
const longestWaitMs = 168 * 60 * 60 * 1_000;

/**
 * Waits until the object is gone, or another bears its name.
 * @param uid of the object; undefined: whichever is there
 * @param timeoutMs 0: as long as it takes
 * @throws Failure when the time is over
 */
export async function waitGone(
  session: Session,
  info: Info,
  uid: string | undefined,
  timeoutMs: number,
): Promise<void> {
  const rest = await session.rest();
  const stop = new AbortController();
  const timer = session.clock.after(timeoutMs > 0 ? timeoutMs : longestWaitMs, () => stop.abort('timeout'));
  try {
    while (!stop.signal.aborted && !session.signal.aborted) {
      let resourceVersion: string | undefined;
      try {
        const { metadata } = await rest
          .list(
            { mapping: info.mapping, namespace: info.namespace },
            { fieldSelector: `metadata.name=${info.name}` },
          )
          .then((list) => {
            resourceVersion = list.metadata.resourceVersion;
            return list.items[0] ?? { metadata: undefined };
          });
        if (metadata === undefined || (uid !== undefined && metadata.uid !== uid)) return;
      } catch (error) {
        if (isNotFound(error)) return;
        throw error;
      }
      const gone = new AbortController();
      await rest.watch(
        { mapping: info.mapping, namespace: info.namespace },
        { fieldSelector: `metadata.name=${info.name}`, resourceVersion },
        ({ type }) => {
          if (type === 'DELETED' || type === 'ERROR') gone.abort(type);
        },
        AbortSignal.any([stop.signal, session.signal, gone.signal]),
      );
      if (gone.signal.reason === 'DELETED') return;
    }
    if (session.signal.aborted) throw session.signal.reason;
    throw new Failure(`timed out waiting for the condition on ${info.mapping.resource}/${info.name}`);
  } finally {
    timer.cancel();
  }
}
