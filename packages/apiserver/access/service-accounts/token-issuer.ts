import { randomUUID } from 'node:crypto';
import {
  type Clock,
  FieldPath,
  formatTime,
  type GroupResource,
  invalid,
  type KubeObject,
  newBadRequest,
  newConflict,
  newInvalid,
  newNotFound,
  parseApiVersion,
} from '@coxswain/machinery';
import { JwtSigner } from '@coxswain/pki';
import type { AuditTrail } from '../../audit/trail.ts';
import type { ObjectReader } from '../contract.ts';
import { boundClaims, type TokenBinding } from './claims.ts';

/** TokenRequest's own default when the request names no time. */
const defaultExpirationSeconds = 3600;
const minExpirationSeconds = 10 * 60;
const maxExpirationSeconds = 2 ** 32;

/**
 * The odd time that the ServiceAccount admission plugin asks for: such tokens of pods are extended to a
 * year and marked with when to warn, for clients that do not reload their token.
 */
export const warnOnlyExpirationSeconds = 60 * 60 + 7;
const extendedExpirationSeconds = 365 * 24 * 60 * 60;

const kind = { group: 'authentication.k8s.io', kind: 'TokenRequest' } as const;
const serviceAccounts: GroupResource = { group: '', resource: 'serviceaccounts' };

/** What the issuer works with. */
export interface TokenIssuerOptions {
  readonly issuer: string;
  /** Audiences of this server: the default of a request without any. */
  readonly audiences: readonly string[];
  /** PEM of the private key. */
  readonly signingKey: string;
  /** Whether pods' tokens are extended, see `warnOnlyExpirationSeconds`. */
  readonly extendExpiration: boolean;
  /** Longest life that is granted; 0: no limit. */
  readonly maxExpirationSeconds: number;
}

/** TokenRequest's default, as decoding gives it upstream. Changes the request. */
export function applyTokenRequestDefaults(request: KubeObject): void {
  request['spec'] ??= {};
  request['spec']['expirationSeconds'] ??= defaultExpirationSeconds;
}

/** Issues tokens of service accounts. */
export class TokenIssuer {
  readonly #options: TokenIssuerOptions;
  readonly #reader: ObjectReader;
  readonly #clock: Clock;
  readonly #signer: JwtSigner;

  constructor(options: TokenIssuerOptions, reader: ObjectReader, clock: Clock) {
    this.#options = options;
    this.#reader = reader;
    this.#clock = clock;
    this.#signer = new JwtSigner(options.signingKey);
  }

  /**
   * Answers `POST serviceaccounts/NAME/token`.
   * @param request the decoded TokenRequest; not changed
   * @param audit is told which token was made; absent where nothing is audited
   * @throws {StatusError} 404, 400, 409, 422 as upstream
   */
  create(
    namespace: string,
    name: string,
    request: KubeObject,
    warn: (text: string) => void,
    audit?: AuditTrail,
  ): KubeObject {
    checkMetadata(namespace, name, request);
    const account = this.#reader.get(serviceAccounts, namespace, name);
    if (account === undefined) throw newNotFound(serviceAccounts, name);
    const spec: Record<string, any> = { ...request['spec'] };
    if (!spec['audiences']?.length) spec['audiences'] = [...this.#options.audiences];
    spec['expirationSeconds'] ??= defaultExpirationSeconds;
    spec['boundObjectRef'] ??= null;
    checkExpiration(spec['expirationSeconds']);
    const binding = this.#bind(namespace, name, spec['boundObjectRef']);
    this.#limit(spec, warn);
    // the token and the answer start at the same whole second, so that neither outlives the other
    const now = this.#clock.now();
    const { expiresIn, warnAfter } = this.#life(spec, binding);
    const claims = boundClaims({
      issuer: this.#options.issuer,
      serviceAccount: account,
      binding,
      audiences: spec['audiences'],
      issuedAt: Math.floor(now / 1000),
      expiresIn,
      warnAfter,
      id: randomUUID(),
    });
    audit?.annotate('authentication.kubernetes.io/issued-credential-id', `JTI=${claims.jti}`);
    return {
      ...request,
      metadata: {
        ...request.metadata,
        name,
        namespace,
        ...(account.metadata.uid === undefined ? {} : { uid: account.metadata.uid }),
        creationTimestamp: formatTime(now),
      },
      spec,
      status: {
        token: this.#signer.sign({ ...claims }),
        expirationTimestamp: formatTime(now + spec['expirationSeconds'] * 1000),
      },
    };
  }

  #limit(spec: Record<string, any>, warn: (text: string) => void): void {
    const { maxExpirationSeconds: limit } = this.#options;
    if (limit <= 0 || spec['expirationSeconds'] <= limit) return;
    warn(`requested expiration of ${spec['expirationSeconds']} seconds shortened to ${limit} seconds`);
    spec['expirationSeconds'] = limit;
  }

  #life(spec: Record<string, any>, binding: TokenBinding): { expiresIn: number; warnAfter: number } {
    const asked: number = spec['expirationSeconds'];
    const own = this.#options.audiences;
    const forThisServer = (spec['audiences'] as string[]).every((audience) => own.includes(audience));
    const extend =
      this.#options.extendExpiration &&
      binding.pod !== undefined &&
      asked === warnOnlyExpirationSeconds &&
      forThisServer;
    return extend
      ? { expiresIn: extendedExpirationSeconds, warnAfter: asked }
      : { expiresIn: asked, warnAfter: 0 };
  }

  #bind(namespace: string, account: string, ref: Record<string, string> | null): TokenBinding {
    if (ref === null) return {};
    const { group, version } = parseApiVersion(ref['apiVersion'] ?? '');
    const { kind: refKind = '', name = '', uid: wanted } = ref;
    if (group !== '' || !(refKind in boundResources)) {
      throw newBadRequest(`cannot bind token to object of type ${group}/${version}, Kind=${refKind}`);
    }
    const resource = { group: '', resource: boundResources[refKind] as string };
    const object = this.#reader.get(resource, refKind === 'Node' ? '' : namespace, name);
    if (object === undefined) throw newNotFound(resource, name);
    if (refKind === 'Pod' && object['spec']?.['serviceAccountName'] !== account) {
      throw newBadRequest(
        `cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`,
      );
    }
    if (wanted && object.metadata.uid !== wanted) {
      throw newConflict(
        { group: '', resource: refKind },
        name,
        `the UID in the bound object reference (${wanted}) does not match the UID in record. The object might have been deleted and then recreated`,
      );
    }
    if (refKind === 'Secret') return { secret: object };
    return refKind === 'Node' ? { node: object } : { pod: object, ...this.#nodeOf(object) };
  }

  /** The pod's node; by its name alone when the Node object is not there. */
  #nodeOf(pod: KubeObject): TokenBinding {
    const name: string = pod['spec']?.['nodeName'] ?? '';
    if (name === '') return {};
    const node = this.#reader.get({ group: '', resource: 'nodes' }, '', name);
    return { node: node ?? { apiVersion: 'v1', kind: 'Node', metadata: { name } } };
  }
}

const boundResources: Readonly<Record<string, string>> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' };

function checkMetadata(namespace: string, name: string, request: KubeObject): void {
  const path = FieldPath.root('metadata');
  const given = request.metadata ?? {};
  if (given.name && given.name !== name) {
    const detail = 'must match the service account name if specified';
    throw newInvalid(kind, name, [invalid(path.child('name'), given.name, detail)]);
  }
  if (given.namespace && given.namespace !== namespace) {
    const detail = 'must match the service account namespace if specified';
    throw newInvalid(kind, name, [invalid(path.child('namespace'), given.namespace, detail)]);
  }
}

function checkExpiration(seconds: number): void {
  const path = FieldPath.root('spec', 'expirationSeconds');
  const detail =
    seconds < minExpirationSeconds
      ? 'may not specify a duration less than 10 minutes'
      : seconds > maxExpirationSeconds
        ? 'may not specify a duration larger than 2^32 seconds'
        : '';
  if (detail !== '') throw newInvalid(kind, '', [invalid(path, seconds, detail)]);
}
