import { deepEqual, type KubeObject, newStatusError, type StatusError } from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin, ObjectReader } from '../contract.ts';
import { isFor, refuse } from './refuse.ts';

const namespaces = { group: '', resource: 'namespaces' } as const;
const annotation = 'scheduler.alpha.kubernetes.io/node-selector';
const clusterDefault = 'clusterDefaultNodeSelector';

/** Selectors by namespace, and one for namespaces that have none of their own. */
export type PodNodeSelectorConfig = Readonly<Record<string, string>>;

type Labels = Readonly<Record<string, string>>;

/** Holds the pods of a namespace to the nodes that the namespace is given. */
export class PodNodeSelector implements AdmissionPlugin {
  readonly name = 'PodNodeSelector';
  readonly #reader: ObjectReader;
  readonly #config: PodNodeSelectorConfig;

  constructor(reader: ObjectReader, config: PodNodeSelectorConfig = {}) {
    this.#reader = reader;
    this.#config = config;
  }

  handles(operation: AdmissionOperation): boolean {
    return operation === 'CREATE';
  }

  admit(a: AdmissionAttributes): void {
    const pod = podOf(a);
    if (pod === undefined) return;
    const given = this.#selectorOf(a);
    const { spec } = pod as Record<string, any>;
    const own: Labels = spec['nodeSelector'] ?? {};
    if (Object.entries(given).some(([key, value]) => key in own && own[key] !== value)) {
      throw refuse(a, 'pod node label selector conflicts with its namespace node label selector');
    }
    const merged = { ...given, ...own };
    if (!deepEqual(merged, own)) spec['nodeSelector'] = merged;
  }

  validate(a: AdmissionAttributes): void {
    const pod = podOf(a);
    if (pod === undefined) return;
    const allowed = labelsOf(this.#config[a.namespace] ?? '');
    if (Object.keys(allowed).length === 0) return;
    const own: Labels = pod['spec']['nodeSelector'] ?? {};
    if (Object.entries(own).some(([key, value]) => allowed[key] !== value)) {
      throw refuse(a, 'pod node label selector labels conflict with its namespace whitelist');
    }
  }

  #selectorOf(a: AdmissionAttributes): Labels {
    const namespace = this.#reader.get(namespaces, '', a.namespace);
    const own = namespace?.metadata.annotations?.[annotation];
    return labelsOf(own ?? this.#config[clusterDefault] ?? '');
  }
}

function podOf(a: AdmissionAttributes): KubeObject | undefined {
  return isFor(a, '', 'pods') ? a.object : undefined;
}

/** The labels of a selector that asks for values alone. @throws {StatusError} when it is none */
function labelsOf(selector: string): Labels {
  const labels: Record<string, string> = {};
  for (const term of selector === '' ? [] : selector.split(',')) {
    const [key, value, ...rest] = term.split('=');
    if (key === undefined || value === undefined || rest.length > 0) {
      throw plainFault(`invalid selector: ${term}`);
    }
    labels[key.trim()] = value.trim();
  }
  return labels;
}

/** What a plugin of upstream answers that gives an error of no kind. */
export function plainFault(message: string): StatusError {
  return newStatusError({ code: 500, reason: '', message });
}
