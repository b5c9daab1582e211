import { findType, openDocument } from '@coxswain/api';
import {
  type FieldError,
  FieldPath,
  type Int64,
  invalid,
  newBadRequest,
  newInvalid,
  notSupported,
  parseApiVersion,
  type TypeFact,
  writeJson,
} from '@coxswain/machinery';
import { bodyFormat } from '../body/body-format.ts';
import type { ApiRequest } from '../context.ts';
import { boolean, dryRunErrors, integer } from '../options/options.ts';

/** metav1.DeleteOptions, checked. */
export interface DeletionOptions {
  gracePeriodSeconds: Int64 | undefined;
  readonly propagationPolicy: 'Orphan' | 'Background' | 'Foreground' | undefined;
  readonly orphanDependents: boolean | undefined;
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun: boolean;
}

interface WireDeleteOptions {
  apiVersion?: string;
  kind?: string;
  gracePeriodSeconds?: Int64;
  propagationPolicy?: string;
  orphanDependents?: boolean;
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: readonly string[];
}

const policies = ['Foreground', 'Background', 'Orphan', 'nil'];

/** Reads DeleteOptions from the body, or from the query when there is none; throws upstream's 400 and 422. */
export function parseDeleteOptions(request: ApiRequest): DeletionOptions {
  const wire = fromBody(request) ?? fromQuery(request);
  const errors = optionErrors(wire);
  if (errors.length > 0) throw newInvalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
  const grace = wire.gracePeriodSeconds;
  return {
    // Negative values are taken as one second.
    gracePeriodSeconds: grace !== undefined && grace < 0 ? 1 : grace,
    propagationPolicy: wire.propagationPolicy as DeletionOptions['propagationPolicy'],
    orphanDependents: wire.orphanDependents,
    preconditions: wire.preconditions ?? {},
    dryRun: (wire.dryRun ?? []).length > 0,
  };
}

function optionErrors({
  propagationPolicy: policy,
  orphanDependents,
  dryRun,
}: WireDeleteOptions): FieldError[] {
  const path = FieldPath.root('propagationPolicy');
  const errors: FieldError[] = [];
  if (policy !== undefined && orphanDependents !== undefined) {
    errors.push(invalid(path, policy, 'orphanDependents and deletionPropagation cannot be both set'));
  }
  if (policy !== undefined && policy !== 'Orphan' && policy !== 'Background' && policy !== 'Foreground') {
    errors.push(notSupported(path, policy, policies));
  }
  return [...errors, ...dryRunErrors(dryRun ?? [])];
}

function fromBody(request: ApiRequest): WireDeleteOptions | undefined {
  const { body } = request;
  if (body === undefined) return undefined;
  if (!('object' in body) && body.bytes.length === 0) return undefined;
  const options =
    'object' in body
      ? (body.object as WireDeleteOptions | undefined)
      : decodeOptions(body.bytes, body.contentType);
  if (options === undefined || options === null) return undefined;
  request.audit?.requestBody(() => {
    const { kind: _, apiVersion: __, ...asked } = options as Record<string, unknown>;
    // Upstream writes them down in the version that no wire has.
    return writeJson({ kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/__internal', ...asked });
  });
  return options;
}

/** Options come in whatever group and version, but as no other kind. */
function decodeOptions(bytes: Buffer, contentType: string): WireDeleteOptions {
  const format = bodyFormat(contentType);
  try {
    const source = openDocument(bytes, format);
    const { kind, apiVersion } = source.meta;
    if (kind !== '' && kind !== 'DeleteOptions')
      throw new Error(otherKind(kind, apiVersion || `${metaGroup}/v1`));
    return source.decode(optionsType(), false).object as WireDeleteOptions;
  } catch (error) {
    throw newBadRequest((error as Error).message);
  }
}

const metaGroup = 'meta.k8s.io';

/** What upstream's scheme of options knows beside them, by version. */
const otherKinds: Readonly<Record<string, readonly string[]>> = {
  v1: ['APIGroup', 'APIGroupList', 'APIResourceList', 'APIVersions', 'Status'],
  [`${metaGroup}/v1`]: [
    ...['CreateOptions', 'GetOptions', 'ListOptions', 'PatchOptions', 'UpdateOptions', 'WatchEvent'],
    ...['PartialObjectMetadata', 'PartialObjectMetadataList', 'Table', 'TableOptions'],
  ],
  [`${metaGroup}/v1beta1`]: ['PartialObjectMetadata', 'PartialObjectMetadataList', 'Table', 'TableOptions'],
};

function otherKind(kind: string, apiVersion: string): string {
  if (otherKinds[apiVersion]?.includes(kind) === true) {
    return `converting (${parseApiVersion(apiVersion).version}.${kind}) to (v1.DeleteOptions): unknown conversion`;
  }
  return `no kind "${kind}" is registered for version "${apiVersion}" in scheme "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"`;
}

function optionsType(): TypeFact {
  const type = findType('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions');
  if (type === undefined) throw new Error('decoding DeleteOptions: there are no facts of the type');
  return type;
}

/** Preconditions are named in the query without their parent. */
function fromQuery(request: ApiRequest): WireDeleteOptions {
  const { query } = request;
  const { gracePeriodSeconds, propagationPolicy, uid = '', resourceVersion = '' } = query;
  const wire: WireDeleteOptions = { dryRun: request.dryRun };
  if (gracePeriodSeconds !== undefined) wire.gracePeriodSeconds = integer(gracePeriodSeconds);
  if (propagationPolicy !== undefined) wire.propagationPolicy = propagationPolicy;
  const orphan = boolean(query['orphanDependents']);
  if (orphan !== undefined) wire.orphanDependents = orphan;
  if (uid !== '' || resourceVersion !== '') {
    wire.preconditions = {
      ...(uid === '' ? {} : { uid }),
      ...(resourceVersion === '' ? {} : { resourceVersion }),
    };
  }
  return wire;
}
