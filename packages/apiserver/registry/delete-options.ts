import { decodeProtobuf, decodeYaml, findType } from '@coxswain/api';
import {
  type FieldError,
  FieldPath,
  invalid,
  newBadRequest,
  newInvalid,
  notSupported,
} from '@coxswain/machinery';
import type { ApiRequest } from './context.ts';
import { mediaTypeOf } from './decode-body.ts';
import { boolean, dryRunErrors, integer } from './options.ts';

/** metav1.DeleteOptions, checked. */
export interface DeletionOptions {
  gracePeriodSeconds: number | undefined;
  readonly propagationPolicy: 'Orphan' | 'Background' | 'Foreground' | undefined;
  readonly orphanDependents: boolean | undefined;
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun: boolean;
}

interface WireDeleteOptions {
  apiVersion?: string;
  kind?: string;
  gracePeriodSeconds?: number;
  propagationPolicy?: string;
  orphanDependents?: boolean;
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: readonly string[];
}

const policies = ['Foreground', 'Background', 'Orphan', 'nil'];

/** Reads DeleteOptions from the body, or from the query when there is none; throws upstream's 400 and 422. */
export function parseDeleteOptions(request: ApiRequest): DeletionOptions {
  const wire = fromBody(request) ?? fromQuery(request);
  const errors: FieldError[] = [];
  const policy = wire.propagationPolicy;
  if (policy !== undefined && wire.orphanDependents !== undefined) {
    errors.push(
      invalid(
        FieldPath.root('propagationPolicy'),
        policy,
        'orphanDependents and deletionPropagation cannot be both set',
      ),
    );
  }
  if (policy !== undefined && policy !== 'Orphan' && policy !== 'Background' && policy !== 'Foreground') {
    errors.push(notSupported(FieldPath.root('propagationPolicy'), policy, policies));
  }
  const dryRun = wire.dryRun ?? [];
  errors.push(...dryRunErrors(dryRun));
  if (errors.length > 0) throw newInvalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
  const grace = wire.gracePeriodSeconds;
  return {
    // Negative values are taken as one second.
    gracePeriodSeconds: grace !== undefined && grace < 0 ? 1 : grace,
    propagationPolicy: policy as DeletionOptions['propagationPolicy'],
    orphanDependents: wire.orphanDependents,
    preconditions: wire.preconditions ?? {},
    dryRun: dryRun.length > 0,
  };
}

function fromBody(request: ApiRequest): WireDeleteOptions | undefined {
  const { body } = request;
  if (body === undefined) return undefined;
  let value: unknown;
  if ('object' in body) value = body.object;
  else {
    if (body.bytes.length === 0) return undefined;
    const mediaType = mediaTypeOf(body.contentType);
    try {
      value =
        mediaType === 'application/yaml'
          ? decodeYaml(body.bytes, undefined, { strict: false }).object
          : mediaType === 'application/vnd.kubernetes.protobuf'
            ? protobufOptions(body.bytes)
            : JSON.parse(body.bytes.toString('utf8'));
    } catch (error) {
      throw newBadRequest(`couldn't get version/kind; json parse error: ${(error as Error).message}`);
    }
  }
  if (value === undefined || value === null) return undefined;
  const options = value as WireDeleteOptions;
  request.audit?.requestBody(() =>
    JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', ...options }),
  );
  if ((options.kind ?? '') !== '' && options.kind !== 'DeleteOptions') {
    throw newBadRequest(
      `no kind "${options.kind}" is registered for version "${options.apiVersion}" in scheme "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"`,
    );
  }
  return options;
}

function protobufOptions(bytes: Buffer): unknown {
  const type = findType('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions');
  if (type === undefined) throw new Error('decoding DeleteOptions: there are no facts of the type');
  return decodeProtobuf(bytes, type);
}

function fromQuery(request: ApiRequest): WireDeleteOptions {
  const { query } = request;
  const wire: WireDeleteOptions = { dryRun: request.dryRun };
  if (query['gracePeriodSeconds'] !== undefined)
    wire.gracePeriodSeconds = integer(query['gracePeriodSeconds']);
  if (query['propagationPolicy'] !== undefined) wire.propagationPolicy = query['propagationPolicy'];
  const orphan = boolean(query['orphanDependents']);
  if (orphan !== undefined) wire.orphanDependents = orphan;
  return wire;
}
