import { createHash } from 'node:crypto';
import { watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyDefaults, decodeYaml, findKind } from '@coxswain/api';
import { type Clock, formatTime, type Logger } from '@coxswain/machinery';
import type { Pod } from '../types.ts';
import {
  configHashAnnotation,
  configMirrorAnnotation,
  configSeenAnnotation,
  configSourceAnnotation,
} from './pod-names.ts';

/** The directory is read again at this interval, besides the system's notices. */
const rereadMs = 20_000;

export interface StaticPodsParts {
  readonly path: string;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onPod: (pod: Pod) => void;
  readonly onGone: (pod: Pod) => void;
}

/** Keeps the pods of the manifests in a directory, until the signal aborts. */
export async function followStaticPods(parts: StaticPodsParts, signal: AbortSignal): Promise<void> {
  const { path, clock, logger } = parts;
  let known = new Map<string, Pod>();
  while (!signal.aborted) {
    const changed = new AbortController();
    let watcher: ReturnType<typeof watch> | undefined;
    try {
      // The watch comes before the reading, so that no change falls between the two.
      watcher = watch(path, () => changed.abort());
      watcher.on('error', () => changed.abort());
      const now = await readManifests(parts, known);
      for (const [uid, pod] of known) if (!now.has(uid)) parts.onGone(pod);
      for (const [uid, pod] of now) if (!known.has(uid)) parts.onPod(pod);
      known = now;
    } catch (error) {
      logger.warn('could not read the manifests of static pods', { path, error: String(error) });
    }
    await clock.sleep(rereadMs, AbortSignal.any([signal, changed.signal])).catch(() => {});
    watcher?.close();
  }
}

async function readManifests(
  { path, nodeName, clock, logger }: StaticPodsParts,
  known: ReadonlyMap<string, Pod>,
): Promise<Map<string, Pod>> {
  const pods = new Map<string, Pod>();
  const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
  for (const name of names) {
    const file = join(path, name);
    try {
      const pod = readStaticPod(await readFile(file, 'utf8'), file, nodeName, formatTime(clock.now()));
      const uid = pod.metadata.uid ?? '';
      pods.set(uid, known.get(uid) ?? pod);
    } catch (error) {
      logger.warn('could not read the manifest of a static pod', { file, error: String(error) });
    }
  }
  return pods;
}

/** The pod of a manifest, as it runs on this node. The same text of the same file is the same pod. */
function readStaticPod(text: string, file: string, nodeName: string, seen: string): Pod {
  const fact = findKind({ group: '', version: 'v1', kind: 'Pod' });
  if (!fact) throw new Error('the API has no pods');
  const pod = decodeYaml(text, fact.type, { strict: false }).object as Pod;
  if (pod.kind !== 'Pod') throw new Error(`the manifest is a ${pod.kind}, not a Pod`);
  const hash = createHash('md5').update(`${nodeName}\n${file}\n${text}`).digest('hex');
  const uid = pod.metadata.uid || hash;
  const own = {
    ...pod,
    metadata: {
      ...pod.metadata,
      name: `${pod.metadata.name}-${nodeName}`,
      namespace: pod.metadata.namespace || 'default',
      uid,
      annotations: {
        ...pod.metadata.annotations,
        [configHashAnnotation]: hash,
        [configSeenAnnotation]: seen,
        [configSourceAnnotation]: 'file',
      },
    },
    spec: {
      ...pod.spec,
      nodeName,
      // Whatever happens to the node, its static pods stay.
      tolerations: [...(pod.spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }],
    },
    status: { phase: 'Pending' },
  } as Pod;
  applyDefaults(own, fact);
  return own;
}

/** What the API server shows of a static pod. */
export function mirrorOf(pod: Pod, nodeName: string, nodeUid: string): Pod {
  const { uid: _, ...metadata } = pod.metadata;
  const hash = pod.metadata.annotations?.[configHashAnnotation] ?? '';
  return {
    ...pod,
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, [configMirrorAnnotation]: hash },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: nodeUid, controller: true }],
    },
  };
}
