import type { KubeObject } from '@coxswain/machinery';
import type { ObjectReader } from '../../contract.ts';
import { claimNames, resourceClaimNames, visitConfigMapNames, visitSecretNames } from './object-refs.ts';

/** What a node may be related to. */
export type VertexType =
  | 'pod'
  | 'secret'
  | 'configmap'
  | 'serviceaccount'
  | 'persistentvolumeclaim'
  | 'persistentvolume'
  | 'volumeattachment'
  | 'resourceclaim'
  | 'resourceslice';

const vertex = (type: VertexType, namespace: string, name: string): string => `${type} ${namespace}/${name}`;

/** What one object says: by whom things are needed, and which node it belongs to itself. */
interface Edges {
  /** What is needed, and who needs it. No two objects give the same pair. */
  readonly needs: readonly (readonly [needed: string, by: string])[];
  readonly node?: string;
}

/**
 * Which objects the pods of a node need: node <- pod <- secret, configmap, service account,
 * pvc <- pv <- secret, resource claim; node <- volume attachment; node <- resource slice.
 * Kept up to date by the server's own changes.
 */
export class NodeGraph {
  /** An object's vertex to what it said when it was last seen. */
  readonly #edges = new Map<string, Edges>();
  /** A vertex to those that need it. */
  readonly #neededBy = new Map<string, Set<string>>();
  readonly #reader: ObjectReader;
  /** Absent until somebody asks: a server without nodes need not look into every pod. */
  #stops: readonly (() => void)[] | undefined;

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  #followAll(reader: ObjectReader): readonly (() => void)[] {
    return [
      this.#follow(reader, '', 'pods', 'pod', podEdges),
      this.#follow(reader, '', 'persistentvolumes', 'persistentvolume', volumeEdges),
      this.#follow(reader, 'storage.k8s.io', 'volumeattachments', 'volumeattachment', attachmentEdges),
      this.#follow(reader, 'resource.k8s.io', 'resourceslices', 'resourceslice', sliceEdges),
    ];
  }

  /** Whether the object leads to the node, by itself or over what uses it. */
  related(node: string, type: VertexType, namespace: string, name: string): boolean {
    this.#stops ??= this.#followAll(this.#reader);
    return this.#leadsTo(node, vertex(type, namespace, name), 0);
  }

  close(): void {
    for (const stop of this.#stops ?? []) stop();
  }

  /** The longest way is secret -> pv -> pvc -> pod -> node. */
  #leadsTo(node: string, from: string, depth: number): boolean {
    if (this.#edges.get(from)?.node === node) return true;
    if (depth > 4) return false;
    for (const user of this.#neededBy.get(from) ?? []) {
      if (this.#leadsTo(node, user, depth + 1)) return true;
    }
    return false;
  }

  #follow(
    reader: ObjectReader,
    group: string,
    resource: string,
    type: VertexType,
    edgesOf: (object: KubeObject) => Edges | undefined,
  ): () => void {
    const idOf = (object: KubeObject): string =>
      vertex(type, object.metadata.namespace ?? '', object.metadata.name ?? '');
    for (const object of reader.list({ group, resource }, '')) this.#set(idOf(object), edgesOf(object));
    return reader.onChange({ group, resource }, (before, after) => {
      if (after !== undefined) this.#set(idOf(after), edgesOf(after));
      else if (before !== undefined) this.#set(idOf(before), undefined);
    });
  }

  #set(id: string, edges: Edges | undefined): void {
    for (const [needed, by] of this.#edges.get(id)?.needs ?? []) {
      const users = this.#neededBy.get(needed);
      users?.delete(by);
      if (users?.size === 0) this.#neededBy.delete(needed);
    }
    if (edges === undefined) {
      this.#edges.delete(id);
      return;
    }
    this.#edges.set(id, edges);
    for (const [needed, by] of edges.needs) {
      const users = this.#neededBy.get(needed);
      if (users === undefined) this.#neededBy.set(needed, new Set([by]));
      else users.add(by);
    }
  }
}

/** Pods that wait for a node, and mirror pods (whose contents a node chose), give no rights. */
function podEdges(pod: KubeObject): Edges | undefined {
  const node: string = pod['spec']?.['nodeName'] ?? '';
  if (node === '') return undefined;
  if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return { needs: [], node };
  const namespace = pod.metadata.namespace ?? '';
  const targets = new Set<string>();
  const account: string = pod['spec']['serviceAccountName'] ?? '';
  if (account !== '') targets.add(vertex('serviceaccount', namespace, account));
  visitSecretNames(pod, (name) => targets.add(vertex('secret', namespace, name)));
  visitConfigMapNames(pod, (name) => targets.add(vertex('configmap', namespace, name)));
  for (const name of claimNames(pod)) targets.add(vertex('persistentvolumeclaim', namespace, name));
  for (const name of resourceClaimNames(pod)) targets.add(vertex('resourceclaim', namespace, name));
  const self = vertex('pod', namespace, pod.metadata.name ?? '');
  return { needs: [...targets].map((target) => [target, self] as const), node };
}

const volumeSecretFields: readonly (readonly [source: string, field: string])[] = [
  ['cephfs', 'secretRef'],
  ['cinder', 'secretRef'],
  ['flexVolume', 'secretRef'],
  ['rbd', 'secretRef'],
  ['scaleIO', 'secretRef'],
  ['iscsi', 'secretRef'],
  ['storageos', 'secretRef'],
  ['csi', 'controllerPublishSecretRef'],
  ['csi', 'nodePublishSecretRef'],
  ['csi', 'nodeStageSecretRef'],
  ['csi', 'controllerExpandSecretRef'],
  ['csi', 'nodeExpandSecretRef'],
];

/** A bound volume is reached over its claim, and leads to its secrets. */
function volumeEdges(volume: KubeObject): Edges | undefined {
  const spec = volume['spec'] ?? {};
  const claim = spec['claimRef'];
  if (!claim) return undefined;
  const targets = new Set<string>();
  const azure = spec['azureFile'];
  if (azure?.['secretName']) {
    targets.add(vertex('secret', azure['secretNamespace'] || claim['namespace'], azure['secretName']));
  }
  for (const [source, field] of volumeSecretFields) {
    const ref = spec[source]?.[field];
    if (ref?.['name']) targets.add(vertex('secret', ref['namespace'] || claim['namespace'], ref['name']));
  }
  const self = vertex('persistentvolume', '', volume.metadata.name ?? '');
  const owner = vertex('persistentvolumeclaim', claim['namespace'] ?? '', claim['name'] ?? '');
  return { needs: [[self, owner], ...[...targets].map((target) => [target, self] as const)] };
}

function attachmentEdges(attachment: KubeObject): Edges | undefined {
  const node: string = attachment['spec']?.['nodeName'] ?? '';
  return node === '' ? undefined : { needs: [], node };
}

function sliceEdges(slice: KubeObject): Edges | undefined {
  const node: string = slice['spec']?.['nodeName'] ?? '';
  return node === '' ? undefined : { needs: [], node };
}
