import type { KubeObject } from '@coxswain/machinery';
import type { ResourceMapping } from '../discovery.ts';
import { Failure } from '../error-text.ts';
import { lastApplied } from '../last-applied.ts';
import { type Info, infosOfList } from '../resource-builder.ts';
import type { Session } from '../session.ts';

/** Flags of verbs that know what a file no longer has. */
export const pruneFlags = {
  prune: {
    type: 'bool',
    default: 'false',
    help: 'Also delete what was applied once and is not in the files',
  },
  'prune-allowlist': { type: 'strings', help: 'group/version/kind to prune, in place of the usual ones' },
} as const;

/** What is pruned when nothing else is said, as `group/version/kind`; of the second list without a namespace. */
const usual = [
  'core/v1/ConfigMap',
  'core/v1/Endpoints',
  'core/v1/PersistentVolumeClaim',
  'core/v1/Pod',
  'core/v1/ReplicationController',
  'core/v1/Secret',
  'core/v1/Service',
  'batch/v1/Job',
  'batch/v1/CronJob',
  'networking.k8s.io/v1/Ingress',
  'apps/v1/DaemonSet',
  'apps/v1/Deployment',
  'apps/v1/ReplicaSet',
  'apps/v1/StatefulSet',
];
const usualUnbound = ['core/v1/Namespace', 'core/v1/PersistentVolume'];

const unboundWarning =
  'W Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a future release. To preserve the current behaviour, list the resources you want to target explicitly in the --prune-allowlist flag.\n';

/** Knows what an apply touched, and finds what earlier ones left. */
export class Pruner {
  readonly #session: Session;
  readonly #mappings: readonly ResourceMapping[];
  readonly #seen = new Set<string>();
  readonly #namespaces = new Set<string>();

  private constructor(session: Session, mappings: readonly ResourceMapping[]) {
    this.#session = session;
    this.#mappings = mappings;
  }

  /** A pruner as `--prune` and `--prune-allowlist` ask for; undefined without them. Throws `Failure`. */
  static async of(session: Session): Promise<Pruner | undefined> {
    if (!session.flags.bool('prune')) return undefined;
    const chosen = session.flags.values('prune-allowlist');
    const discovery = await session.discovery();
    const mappings: ResourceMapping[] = [];
    for (const text of chosen.length > 0 ? chosen : [...usual, ...usualUnbound]) {
      const [group = '', version = '', kind = '', ...more] = text.split('/');
      if (kind === '' || more.length > 0) {
        throw new Failure(`invalid GroupVersionKind format: ${text}, please follow <group/version/kind>`);
      }
      const mapping = await discovery.resourceOfKind(group === 'core' ? '' : group, version, kind);
      if (mapping === undefined) {
        throw new Failure(
          `no matches for kind "${kind}" in version "${group === 'core' ? version : `${group}/${version}`}"`,
        );
      }
      mappings.push(mapping);
    }
    const pruner = new Pruner(session, mappings);
    if (session.namespaceGiven) {
      pruner.#namespaces.add(await session.namespace());
      if (chosen.length === 0) session.err(unboundWarning);
    }
    return pruner;
  }

  /** Keeps the object, and looks for others in its namespace. */
  keep(info: Info, object: KubeObject | undefined): void {
    if (info.namespace !== undefined) this.#namespaces.add(info.namespace);
    if (object?.metadata.uid !== undefined) this.#seen.add(object.metadata.uid);
  }

  /** What was applied some time, fits the selector, and was not kept. */
  async *abandoned(): AsyncGenerator<Info & { readonly object: KubeObject }> {
    const query = { labelSelector: this.#session.flags.string('selector') };
    const rest = await this.#session.rest();
    const bound = this.#mappings.filter((mapping) => mapping.namespaced);
    const places = [
      ...[...this.#namespaces].flatMap((namespace) => bound.map((mapping) => ({ mapping, namespace }))),
      ...this.#mappings
        .filter((mapping) => !mapping.namespaced)
        .map((mapping) => ({ mapping, namespace: undefined })),
    ];
    for (const { mapping, namespace } of places) {
      for (const info of infosOfList(mapping, await rest.list({ mapping, namespace }, query))) {
        const { metadata } = info.object as KubeObject;
        if (metadata.annotations?.[lastApplied] === undefined || this.#seen.has(metadata.uid ?? '')) continue;
        yield info as Info & { object: KubeObject };
      }
    }
  }
}
