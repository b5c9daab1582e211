import { openDocument, typeOfKind } from '@coxswain/api';
import {
  apiVersionOf,
  type GroupVersionKind,
  goQuote,
  parseApiVersion,
  type TypeFact,
} from '@coxswain/machinery';
import { type ConfigFields, configType, typeMeta } from '../../config-file/config-type.ts';

/** Errors name the scheme of webhooks' reviews by where upstream makes it. */
const schemeName = 'k8s.io/apiserver/pkg/util/webhook/client.go:71';

const statusKind: GroupVersionKind = { group: '', version: 'v1', kind: 'Status' };

interface ReviewKind {
  readonly gvk: GroupVersionKind;
  readonly type: TypeFact;
}

/** The kinds that one sort of webhooks may answer with, and what an answer becomes. */
export class ReviewScheme {
  readonly #kinds: readonly ReviewKind[];

  constructor(kinds: readonly ReviewKind[]) {
    this.#kinds = [...kinds, { gvk: statusKind, type: statusType() }];
  }

  /**
   * Reads an answer as Go would write it after reading it. What it leaves out of its kind is filled in to find the
   * type, and stays empty in the review.
   * @throws Error in Go's words
   */
  decode(bytes: Uint8Array, wanted: GroupVersionKind): Record<string, any> {
    const { found, object } = this.#read(bytes, wanted);
    if (found.kind === wanted.kind && apiVersionOf(found) === apiVersionOf(wanted)) return object;
    const [from, to] = [`${found.version}.${found.kind}`, `${wanted.version}.${wanted.kind}`];
    throw new Error(`converting (${from}) to (${to}): unknown conversion`);
  }

  /** The Status that an answer is. @throws Error in Go's words where it is none */
  decodeStatus(bytes: Uint8Array): Record<string, any> {
    const { found, object } = this.#read(bytes, { ...statusKind, kind: '' });
    if (found.kind !== statusKind.kind) throw new Error(`expected a Status, got a ${found.kind}`);
    return object;
  }

  #read(bytes: Uint8Array, wanted: GroupVersionKind) {
    const source = openDocument(bytes, looksLikeJson(bytes) ? 'json' : 'yaml');
    const { apiVersion, kind } = source.meta;
    const found = {
      ...(apiVersion === '' ? wanted : parseApiVersion(apiVersion)),
      kind: kind || wanted.kind,
    };
    const known = this.#kinds.find(
      ({ gvk }) => gvk.kind === found.kind && apiVersionOf(gvk) === apiVersionOf(found),
    );
    if (known !== undefined) return { found, object: source.decode(known.type, false).object };
    const [kindText, versionText] = [goQuote(found.kind), goQuote(apiVersionOf(found))];
    throw new Error(
      `no kind ${kindText} is registered for version ${versionText} in scheme ${goQuote(schemeName)}`,
    );
  }
}

/** What begins like JSON is read as nothing else; all the rest is YAML. */
function looksLikeJson(bytes: Uint8Array): boolean {
  return /^\s*\{/.test(Buffer.from(bytes.subarray(0, 64)).toString('latin1'));
}

function statusType(): TypeFact {
  const type = typeOfKind(statusKind);
  if (type === undefined) throw new Error('the facts have no Status');
  return type;
}

function reviewKind(group: string, version: string, kind: string, parts: ConfigFields): ReviewKind {
  const gvk = { group, version, kind };
  return { gvk, type: configType(kind, version, { ...typeMeta, ...parts }) };
}

const uid = { named: 'types.UID', value: 'string' } as const;

function admissionReview(version: string): ReviewKind {
  const status = { type: statusType(), goType: 'v1.Status' };
  const response: ConfigFields = {
    uid,
    allowed: 'bool',
    status: { pointer: status },
    patch: 'bytes',
    patchType: { pointer: { named: 'PatchType', value: 'string' } },
    auditAnnotations: { map: 'string' },
    warnings: { list: 'string' },
  };
  return reviewKind('admission.k8s.io', version, 'AdmissionReview', {
    request: { pointer: { struct: 'AdmissionRequest', fields: {} } },
    response: { pointer: { struct: 'AdmissionResponse', fields: response } },
  });
}

function conversionReview(version: string): ReviewKind {
  const result = { type: statusType(), goType: 'v1.Status' };
  const response: ConfigFields = { uid, convertedObjects: { list: 'any' }, result };
  return reviewKind('apiextensions.k8s.io', version, 'ConversionReview', {
    request: { pointer: { struct: 'ConversionRequest', fields: {} } },
    response: { pointer: { struct: 'ConversionResponse', fields: response } },
  });
}

let admission: ReviewScheme | undefined;
let conversion: ReviewScheme | undefined;

/** What admission webhooks answer. */
export function admissionScheme(): ReviewScheme {
  admission ??= new ReviewScheme(['v1', 'v1beta1'].map(admissionReview));
  return admission;
}

/** What conversion webhooks answer. */
export function conversionScheme(): ReviewScheme {
  conversion ??= new ReviewScheme(['v1', 'v1beta1'].map(conversionReview));
  return conversion;
}
