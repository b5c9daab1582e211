import { openDocument, typeOfKind } from '@coxswain/api';
import {
  apiVersionOf,
  type GroupVersionKind,
  goQuote,
  parseApiVersion,
  type TypeFact,
} from '@coxswain/machinery';
import { type ConfigFields, configType, typeMeta } from '../../config-file/config-type.ts';

/** Errors name the schemes of reviews by where upstream makes them. */
const webhookScheme = 'k8s.io/apiserver/pkg/util/webhook/client.go:71';
const clientScheme = 'k8s.io/client-go/kubernetes/scheme/register.go:82';

const statusKind: GroupVersionKind = { group: '', version: 'v1', kind: 'Status' };

interface ReviewKind {
  readonly gvk: GroupVersionKind;
  readonly type: TypeFact;
}

/** The kinds that one sort of webhooks may answer with, and what an answer becomes. */
export class ReviewScheme {
  readonly #name: string;
  readonly #typeOf: (kind: GroupVersionKind) => TypeFact | undefined;

  /** @param typeOf of the kinds that it knows */
  constructor(name: string, typeOf: (kind: GroupVersionKind) => TypeFact | undefined) {
    this.#name = name;
    this.#typeOf = typeOf;
  }

  /** One of some kinds, and Status. */
  static of(kinds: readonly ReviewKind[]): ReviewScheme {
    const all = [...kinds, { gvk: statusKind, type: statusType() }];
    return new ReviewScheme(
      webhookScheme,
      (found) =>
        all.find(({ gvk }) => gvk.kind === found.kind && apiVersionOf(gvk) === apiVersionOf(found))?.type,
    );
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
    const type = this.#typeOf(found);
    if (type !== undefined) return { found, object: source.decode(type, false).object };
    const [kindText, versionText] = [goQuote(found.kind), goQuote(apiVersionOf(found))];
    throw new Error(
      `no kind ${kindText} is registered for version ${versionText} in scheme ${goQuote(this.#name)}`,
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
let access: ReviewScheme | undefined;

/** What admission webhooks answer. */
export function admissionScheme(): ReviewScheme {
  admission ??= ReviewScheme.of(['v1', 'v1beta1'].map(admissionReview));
  return admission;
}

/** What conversion webhooks answer. */
export function conversionScheme(): ReviewScheme {
  conversion ??= ReviewScheme.of(['v1', 'v1beta1'].map(conversionReview));
  return conversion;
}

const accessGroups: ReadonlySet<string> = new Set(['authentication.k8s.io', 'authorization.k8s.io']);

function imageReview(): ReviewKind {
  const fields: ConfigFields = { allowed: 'bool', reason: 'string', auditAnnotations: { map: 'string' } };
  return reviewKind('imagepolicy.k8s.io', 'v1alpha1', 'ImageReview', {
    status: { struct: 'ImageReviewStatus', fields },
  });
}

/**
 * What webhooks answer that are asked about tokens, access and images: whatever clients know, reviews in their older
 * version too.
 */
export function accessScheme(): ReviewScheme {
  access ??= newAccessScheme();
  return access;
}

function newAccessScheme(): ReviewScheme {
  const images = imageReview();
  const isImages = ({ group, kind }: GroupVersionKind): boolean =>
    group === images.gvk.group && kind === images.gvk.kind;
  return new ReviewScheme(clientScheme, (kind) => {
    if (isImages(kind)) return images.type;
    const isOlder = kind.version === 'v1beta1' && accessGroups.has(kind.group);
    return typeOfKind(isOlder ? { ...kind, version: 'v1' } : kind);
  });
}
