import { goQuote } from '@coxswain/machinery';
import { type PodSurroundings, podField, resourceField } from '../kuberuntime/downward-fields.ts';
import type { ObjectReader } from '../objects/object-cache.ts';
import type { ConfigMap, Pod, Secret, Volume } from '../types.ts';
import type { ProjectedFile } from './atomic-writer.ts';
import type { TokenSource } from './token-source.ts';

interface KeyToPath {
  readonly key: string;
  readonly path: string;
  readonly mode?: number;
}

export interface PayloadSources {
  readonly objects: ObjectReader;
  readonly tokens: TokenSource;
  readonly node: PodSurroundings;
  /** Trust anchors of a ClusterTrustBundle selection, as PEM; absent when there are none. */
  readonly trustBundle: (source: TrustBundleSource) => Promise<string | undefined>;
}

export interface TrustBundleSource {
  readonly name?: string;
  readonly signerName?: string;
  readonly labelSelector?: object;
  readonly optional?: boolean;
}

type Files = Map<string, ProjectedFile>;

const defaultMode = 0o644;

/** Whether the volume's files come from API objects, and may change while the pod runs. */
export function isProjection(volume: Volume): boolean {
  return Boolean(volume.configMap ?? volume.secret ?? volume.projected ?? volume.downwardAPI);
}

/** The files of a configMap, secret, downwardAPI or projected volume. */
export async function payloadOf(pod: Pod, volume: Volume, sources: PayloadSources): Promise<Files> {
  const files: Files = new Map();
  if (volume.configMap) {
    const { name = '', items, defaultMode: mode = defaultMode, optional } = volume.configMap;
    await addConfigMap(files, pod, { name, items, optional }, mode, sources);
  } else if (volume.secret) {
    const { secretName: name = '', items, defaultMode: mode = defaultMode, optional } = volume.secret;
    await addSecret(files, pod, { name, items, optional }, mode, sources);
  } else if (volume.downwardAPI) {
    addDownward(
      files,
      pod,
      volume.downwardAPI.items ?? [],
      volume.downwardAPI.defaultMode ?? defaultMode,
      sources,
    );
  } else if (volume.projected) {
    const mode = volume.projected.defaultMode ?? defaultMode;
    for (const source of volume.projected.sources ?? []) {
      if (source.configMap) {
        const { name = '', items, optional } = source.configMap;
        await addConfigMap(files, pod, { name, items, optional }, mode, sources);
      } else if (source.secret) {
        const { name = '', items, optional } = source.secret;
        await addSecret(files, pod, { name, items, optional }, mode, sources);
      } else if (source.downwardAPI) {
        addDownward(files, pod, source.downwardAPI.items ?? [], mode, sources);
      } else if (source.serviceAccountToken) {
        await addToken(files, pod, source.serviceAccountToken, mode, sources);
      } else if (source.clusterTrustBundle) {
        const { path } = source.clusterTrustBundle;
        const pem = await sources.trustBundle(source.clusterTrustBundle as TrustBundleSource);
        files.set(path, { data: Buffer.from(pem ?? ''), mode });
      }
    }
  }
  return files;
}

interface ObjectProjection {
  readonly name: string;
  readonly items: readonly KeyToPath[] | undefined;
  readonly optional: boolean | undefined;
}

async function addConfigMap(
  files: Files,
  pod: Pod,
  projection: ObjectProjection,
  mode: number,
  { objects }: PayloadSources,
): Promise<void> {
  const { name, optional } = projection;
  const object: ConfigMap | undefined = await objects.configMap(pod.metadata.namespace ?? '', name);
  if (object === undefined) {
    if (optional) return;
    throw new Error(`configmap ${goQuote(name)} not found`);
  }
  const data = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(object.data ?? {})) data.set(key, Buffer.from(text));
  for (const [key, base64] of Object.entries(object.binaryData ?? {})) {
    data.set(key, Buffer.from(base64, 'base64'));
  }
  addKeys(files, data, projection, mode, 'configmap');
}

async function addSecret(
  files: Files,
  pod: Pod,
  projection: ObjectProjection,
  mode: number,
  { objects }: PayloadSources,
): Promise<void> {
  const { name, optional } = projection;
  const object: Secret | undefined = await objects.secret(pod.metadata.namespace ?? '', name);
  if (object === undefined) {
    if (optional) return;
    throw new Error(`secret ${goQuote(name)} not found`);
  }
  const data = new Map<string, Uint8Array>();
  for (const [key, base64] of Object.entries(object.data ?? {})) data.set(key, Buffer.from(base64, 'base64'));
  addKeys(files, data, projection, mode, 'secret');
}

function addKeys(
  files: Files,
  data: ReadonlyMap<string, Uint8Array>,
  { items, optional }: ObjectProjection,
  mode: number,
  kind: 'configmap' | 'secret',
): void {
  if (!items || items.length === 0) {
    for (const [key, bytes] of data) files.set(key, { data: bytes, mode });
    return;
  }
  for (const item of items) {
    const bytes = data.get(item.key);
    if (bytes === undefined) {
      if (optional) continue;
      throw new Error(
        kind === 'configmap'
          ? `configmap references non-existent config key: ${item.key}`
          : `references non-existent secret key: ${item.key}`,
      );
    }
    files.set(item.path, { data: bytes, mode: item.mode ?? mode });
  }
}

function addDownward(
  files: Files,
  pod: Pod,
  items: NonNullable<NonNullable<Volume['downwardAPI']>['items']>,
  mode: number,
  { node }: PayloadSources,
): void {
  for (const item of items) {
    let text = '';
    if (item.fieldRef) text = podField(pod, item.fieldRef.fieldPath, node);
    else if (item.resourceFieldRef) {
      const { containerName, resource, divisor } = item.resourceFieldRef;
      const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
      const container = all.find((c) => c.name === containerName);
      if (!container) throw new Error(`container ${containerName} not found`);
      text = resourceField(container, resource, divisor, node);
    }
    files.set(item.path, { data: Buffer.from(text), mode: item.mode ?? mode });
  }
}

async function addToken(
  files: Files,
  pod: Pod,
  source: { readonly audience?: string; readonly expirationSeconds?: number; readonly path: string },
  mode: number,
  { tokens }: PayloadSources,
): Promise<void> {
  const token = await tokens.token(pod, source.audience ?? '', source.expirationSeconds ?? 3600);
  const users = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(
    (c) => c.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser,
  );
  const uid = users[0];
  const shared = uid !== undefined && users.every((u) => u === uid);
  // Only the pod's one user may read its token; with a group of its own, the group may.
  const narrowed = pod.spec.securityContext?.fsGroup !== undefined ? 0o640 & mode : shared ? 0o600 : mode;
  files.set(source.path, { data: Buffer.from(token), mode: narrowed, ...(shared ? { uid } : {}) });
}
