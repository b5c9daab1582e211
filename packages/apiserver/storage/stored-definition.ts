import { decodeValue, typeOfKind } from '@coxswain/api';
import { deepEqual, type KubeObject, type TypeFact } from '@coxswain/machinery';

type Members = Readonly<Record<string, unknown>>;

const kind = 'CustomResourceDefinition';
const group = 'apiextensions.k8s.io';
const served = `${group}/v1`;
const stored = `${group}/v1beta1`;

/** What v1beta1 may say once for all versions, by its names in the spec and in a version. */
const shared = [
  ['subresources', 'subresources'],
  ['validation', 'schema'],
  ['additionalPrinterColumns', 'additionalPrinterColumns'],
  ['selectableFields', 'selectableFields'],
] as const;

/** Whether an object is a definition in the version that is served. */
export function isServedDefinition(object: Pick<KubeObject, 'kind' | 'apiVersion'>): boolean {
  return object.kind === kind && object.apiVersion === served;
}

/** Whether an object is a definition in the version that upstream stores, which it has long ceased to serve. */
export function isStoredDefinition(object: Pick<KubeObject, 'kind' | 'apiVersion'>): boolean {
  return object.kind === kind && object.apiVersion === stored;
}

/**
 * A definition in apiextensions.k8s.io/v1beta1, in which upstream stores it as it is shorter: what all versions have
 * in common is there once.
 */
export function definitionToStored(definition: KubeObject): KubeObject {
  const { metadata, spec, status, ...rest } = definition as KubeObject & { spec: Members; status?: Members };
  const versions = (spec['versions'] ?? []) as Members[];
  const { inAll, own } = takeShared(versions);
  return {
    ...rest,
    apiVersion: stored,
    metadata,
    spec: {
      group: spec['group'],
      version: versions[0]?.['name'],
      names: spec['names'],
      scope: spec['scope'],
      validation: inAll['validation'],
      subresources: inAll['subresources'],
      versions: own.map(({ additionalPrinterColumns, ...version }) => ({
        ...version,
        additionalPrinterColumns: columnsWith(additionalPrinterColumns, 'jsonPath', 'JSONPath'),
      })),
      additionalPrinterColumns: columnsWith(inAll['additionalPrinterColumns'], 'jsonPath', 'JSONPath'),
      selectableFields: inAll['selectableFields'],
      conversion: conversionToStored(spec['conversion'] as Members | undefined),
      preserveUnknownFields: spec['preserveUnknownFields'] ?? false,
    },
    ...(status === undefined ? {} : { status }),
  };
}

/** A definition as upstream has stored it, in the version that is served, with the defaults of the stored one. */
export function definitionFromStored(definition: KubeObject): KubeObject {
  const {
    version: first,
    validation,
    subresources,
    additionalPrinterColumns,
    selectableFields,
    preserveUnknownFields = true,
    conversion,
    ...spec
  } = (definition['spec'] ?? {}) as Members;
  const inAll: Members = { subresources, validation, additionalPrinterColumns, selectableFields };
  let versions = (spec['versions'] ?? []) as readonly Members[];
  if (versions.length === 0 && typeof first === 'string' && first !== '')
    versions = [{ name: first, served: true, storage: true }];
  versions = versions.map((version) => withColumns({ ...version, ...giveShared(inAll) }));
  const names = namesOf((spec['names'] ?? {}) as Members);
  const status = (definition['status'] ?? {}) as Members;
  const storedVersions = ((status['storedVersions'] ?? []) as string[]).length
    ? status['storedVersions']
    : versions.filter((version) => version['storage'] === true).map((version) => version['name']);
  const object = {
    ...definition,
    apiVersion: served,
    spec: {
      ...spec,
      names,
      scope: spec['scope'] || 'Namespaced',
      versions,
      conversion: conversionFromStored((conversion ?? { strategy: 'None' }) as Members),
      ...(preserveUnknownFields === true ? { preserveUnknownFields } : {}),
    },
    status: { ...status, storedVersions },
  };
  const type = typeOfKind({ group, version: 'v1', kind }) as TypeFact;
  return decodeValue(object, type, { strict: false }).object as KubeObject;
}

/** What is the same in all versions, and the versions without it. */
function takeShared(versions: readonly Members[]): { inAll: Members; own: readonly Members[] } {
  const [first = {}] = versions;
  const inAll: Record<string, unknown> = {};
  const taken = new Set<string>();
  for (const [inSpec, inVersion] of shared) {
    // Fields that are selected are of a schema: they stay where it does.
    if (inSpec === 'selectableFields' && !taken.has('schema')) continue;
    if (!versions.every((version) => deepEqual(version[inVersion], first[inVersion]))) continue;
    inAll[inSpec] = first[inVersion];
    taken.add(inVersion);
  }
  const own = versions.map((version) =>
    Object.fromEntries(Object.entries(version).filter(([name]) => !taken.has(name))),
  );
  return { inAll, own };
}

function giveShared(inAll: Members): Members {
  const given = shared.filter(([inSpec]) => (inAll[inSpec] ?? undefined) !== undefined);
  return Object.fromEntries(given.map(([inSpec, inVersion]) => [inVersion, inAll[inSpec]]));
}

function withColumns(version: Members): Members {
  const columns = columnsWith(version['additionalPrinterColumns'], 'JSONPath', 'jsonPath');
  return columns === undefined ? version : { ...version, additionalPrinterColumns: columns };
}

/** Columns with one of their members under another name. */
function columnsWith(columns: unknown, from: string, to: string): Members[] | undefined {
  if (!Array.isArray(columns)) return undefined;
  return (columns as Members[]).map((column) =>
    Object.fromEntries(Object.entries(column).map(([name, value]) => [name === from ? to : name, value])),
  );
}

function namesOf(names: Members): Members {
  const {
    kind: of = '',
    singular,
    listKind,
  } = names as { kind?: string; singular?: string; listKind?: string };
  return {
    ...names,
    singular: singular || of.toLowerCase(),
    ...(listKind || of === '' ? {} : { listKind: `${of}List` }),
  };
}

function conversionToStored(conversion: Members | undefined): Members | undefined {
  const { webhook, ...rest } = (conversion ?? {}) as { webhook?: Members; strategy?: unknown };
  if (webhook === undefined) return conversion;
  const { clientConfig, conversionReviewVersions } = webhook;
  return { ...rest, webhookClientConfig: clientConfig, conversionReviewVersions };
}

function conversionFromStored(conversion: Members): Members {
  const { webhookClientConfig: clientConfig, conversionReviewVersions: reviewed, ...rest } = conversion;
  const isWebhook = rest['strategy'] === 'Webhook';
  if (clientConfig === undefined && reviewed === undefined && !isWebhook) return rest;
  const conversionReviewVersions = reviewed ?? (isWebhook ? ['v1beta1'] : undefined);
  return {
    ...rest,
    webhook: { clientConfig: withPort(clientConfig as Members | undefined), conversionReviewVersions },
  };
}

/** A service is called on 443 unless it says otherwise. */
function withPort(clientConfig: Members | undefined): Members | undefined {
  const service = clientConfig?.['service'] as Members | undefined;
  return service === undefined ? clientConfig : { ...clientConfig, service: { port: 443, ...service } };
}
