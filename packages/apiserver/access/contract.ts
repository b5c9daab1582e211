import type {
  GroupResource,
  GroupVersionKind,
  GroupVersionResource,
  KubeObject,
  TypeFact,
} from '@coxswain/machinery';
import type { AuditTrail } from '../audit/trail.ts';

/** Who makes a request (user.Info of upstream). */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  /** What is to be said of the credential in every answer; absent: nothing. */
  readonly warning?: string;
}

/** What the authenticators may look at. */
export interface AuthenticationRequest {
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Names and values in turn as they were sent; absent: `headers` tell. */
  readonly rawHeaders?: readonly string[];
  /** What is asked for, with the query; absent: unknown. */
  readonly url?: string;
  /** The verified client certificate's DER; absent when the client gave none. */
  readonly peerCertificate?: Uint8Array;
  /** DER of the certificates that came with it; absent where nobody verifies chains anew (`Access.wantsChains`). */
  readonly peerChain?: readonly Uint8Array[];
  /** The client gave a certificate that nobody here trusts. */
  readonly untrustedCertificate?: boolean;
  /** Takes notes of the credential; absent where nothing is audited. */
  readonly audit?: AuditTrail;
}

/** What is asked for (authorizer.Attributes of upstream). */
export interface Attributes {
  readonly user: UserInfo;
  /** get, list, watch, create, update, patch, delete, deletecollection; the lower-case method otherwise. */
  readonly verb: string;
  readonly resourceRequest: boolean;
  readonly path: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Raw query selectors of the request, for selector authorization; absent when there are none. */
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

export interface Decision {
  readonly decision: 'allow' | 'deny' | 'no-opinion';
  readonly reason: string;
  /** What kept an authorizer from deciding properly; a request that is not allowed then fails with 500. */
  readonly error?: string;
}

export interface Authorizer {
  /** May be called tens of thousands of times a second: answer synchronously where possible. */
  authorize(attributes: Attributes): Decision | Promise<Decision>;
}

/** Reads of the server's own state for access decisions, from the watch cache and synchronous. */
export interface ObjectReader {
  get(resource: GroupResource, namespace: string, name: string): KubeObject | undefined;
  /** The resource whose objects are of that kind; absent where the reader knows no kinds. */
  resourceOfKind?(kind: GroupVersionKind): (GroupResource & { readonly namespaced: boolean }) | undefined;
  /** All of a namespace; of all namespaces when `namespace` is ''. */
  list(resource: GroupResource, namespace: string): readonly KubeObject[];
  /** Calls `fn` after any change of the resource. Returns what stops it. */
  onChange(
    resource: GroupResource,
    fn: (before: KubeObject | undefined, after: KubeObject | undefined) => void,
  ): () => void;
}

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** A request before it is written (admission.Attributes of upstream). */
export interface AdmissionAttributes {
  readonly operation: AdmissionOperation;
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** How long the request may take by its own words, a Go duration; absent where it says nothing. */
  readonly timeout?: string | undefined;
  /** The new object, mutable during mutation; absent on DELETE. In the request's version. */
  readonly object: KubeObject | undefined;
  /** The stored object; absent on CREATE. Frozen. */
  readonly oldObject: KubeObject | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  /** The type of the object; absent for built-in resources, whose facts tell. */
  readonly type?: TypeFact;
  /** Gives a changed object as its resource decodes it; absent for built-in resources, whose facts tell. */
  readonly normalize?: (object: KubeObject) => KubeObject;
  /** Adds a Warning header to the answer. */
  readonly warn: (text: string) => void;
  /** What is noted of the request for its audit event; absent where nothing is audited. */
  readonly audit?: AuditTrail | undefined;
  /** Is told how long webhooks took; absent where nobody wants to know. */
  readonly webhookTimes?: WebhookTimes | undefined;
  /** Knows the other resources that serve the same objects, or the same subresource of them; absent where nobody does. */
  readonly served?: { equivalents(subresource: string): readonly EquivalentResource[] };
  /** What the request itself named, where `kind` and `resource` are an equivalent of it. */
  readonly requested?: { readonly kind: GroupVersionKind; readonly resource: GroupVersionResource };
  /** Set by the first plugin that may want all mutating plugins to be asked once more. */
  reinvocation?: Reinvocation;
}

/** Adds up how long a request waited for admission webhooks. */
export interface WebhookTimes {
  waitedForWebhook(kind: 'mutating' | 'validating', ms: number): void;
}

/** The state of a request that may pass the mutating plugins twice. */
export interface Reinvocation {
  /** The second time. */
  isAgain: boolean;
  /** Something was changed that plugins before it have not seen. */
  isWanted: boolean;
  /** A patch was applied: the object is as decoding it gave it, and its times are whole seconds. */
  isReadBack?: boolean;
  /** What plugins remember from the first time, by their names. */
  readonly memory: Map<string, unknown>;
}

/** Another resource that serves the objects of a request's resource: another version, or in another group. */
export interface EquivalentResource {
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  /** The type of its objects. */
  readonly type: TypeFact;
  /** An object of the request's version as this resource shows it. */
  show(object: KubeObject): KubeObject | Promise<KubeObject>;
  /** The other way round. */
  read(object: KubeObject): KubeObject | Promise<KubeObject>;
}

/** An admission plugin. Each method is absent where the plugin has no such phase. */
export interface AdmissionPlugin {
  /** Upstream's name, as `--enable-admission-plugins` takes it. */
  readonly name: string;
  handles(operation: AdmissionOperation): boolean;
  /** Changes `attributes.object` in place, or throws a `StatusError`. */
  admit?(attributes: AdmissionAttributes): void | Promise<void>;
  /** Throws a `StatusError` to refuse. */
  validate?(attributes: AdmissionAttributes): void | Promise<void>;
}
