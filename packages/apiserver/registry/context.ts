import type { Clock, KubeObject, Logger } from '@coxswain/machinery';
import { formatTime, newStatusError } from '@coxswain/machinery';
import type { Store } from '@coxswain/store';
import type {
  AdmissionAttributes,
  Attributes,
  Decision,
  UserInfo,
  WebhookTimes,
} from '../access/contract.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { Entry } from '../storage/entry.ts';
import type { ListedEntries } from '../storage/lists/list-entries.ts';
import type { WatchCache } from '../storage/watch-cache.ts';
import type { ResourceRegistry, ServedResource } from './resource-registry.ts';
import type { Specials } from './specials.ts';

/** The admission chain, as the registry calls it. */
export interface Admission {
  admit(attributes: AdmissionAttributes): void | Promise<void>;
  validate(attributes: AdmissionAttributes): void | Promise<void>;
}

/** What the registry works with. */
export interface RegistryContext {
  readonly store: Store;
  /** Whether an object would be stored otherwise if it were written again; absent where none would. */
  readonly isStale?: (key: string) => Promise<boolean>;
  readonly watchCache: WatchCache;
  readonly resources: ResourceRegistry;
  readonly specials: Specials;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly admission: Admission;
  /** `--event-ttl`: so long events are kept; absent: an hour. */
  readonly eventTtlSeconds?: number;
  /** A new UUID. */
  readonly uid: () => string;
  /** A number from 0 to below 1. */
  readonly random: () => number;
  /** For checks inside of a request, such as create on update. */
  authorize(attributes: Attributes): Decision | Promise<Decision>;
}

/** An object or patch as it came: bytes of a media type, or an object of a caller in the same process. */
export type RequestBody =
  | { readonly bytes: Buffer; readonly contentType: string }
  | { readonly object: unknown };

/** Query options by their wire names, as strings; repeated ones only where they mean something. */
export interface RequestQuery {
  readonly [name: string]: string | undefined;
}

/** A request for a resource, authenticated and authorized. */
export interface ApiRequest {
  readonly verb: string;
  readonly resource: ServedResource;
  readonly subresource: string;
  /** '' for cluster-scoped resources and lists over all namespaces. */
  readonly namespace: string;
  readonly name: string;
  readonly user: UserInfo;
  readonly query: RequestQuery;
  /** All values of `dryRun`. */
  readonly dryRun: readonly string[];
  readonly body: RequestBody | undefined;
  /** Media type of a patch. */
  readonly patchType: string;
  /** The field manager when none is named: the user agent up to its first slash. */
  readonly userAgent: string;
  readonly warn: (text: string) => void;
  /** Who makes the request: it may have been told already that its time is over. Absent for those of the process. */
  readonly client?: { readonly writableEnded: boolean } | undefined;
  /** What is noted of the request for its audit event; absent where nothing is audited. */
  readonly audit?: AuditTrail | undefined;
  /** Is told how long webhooks took; absent where nobody wants to know. */
  readonly webhookTimes?: WebhookTimes | undefined;
}

/** What a request came to. */
export type Outcome =
  | { readonly kind: 'entry'; readonly status: number; readonly entry: Entry }
  /** In the version asked for, with kind and apiVersion. */
  | { readonly kind: 'object'; readonly status: number; readonly object: KubeObject }
  | { readonly kind: 'list'; readonly status: number; readonly listed: ListedEntries };

/** The request must change nothing. */
export function isDryRun(request: ApiRequest): boolean {
  return request.dryRun.length > 0;
}

/** Upstream's answer where a Go error is no API error: a 500 with nothing but its text. */
export function plainError(message: string): Error {
  return newStatusError({ code: 500, reason: '', message });
}

/** The time of a request, as objects bear it. */
export function timeOf(context: RegistryContext): string {
  return formatTime(context.clock.now());
}
