import type { KubeList, KubeObject } from '@coxswain/machinery';

export type Verb = 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

export type PatchType =
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/apply-patch+yaml';

/** Query options by their wire names; every one may be absent. */
export interface RequestOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  readonly limit?: number;
  readonly continue?: string;
  readonly dryRun?: 'All';
  readonly fieldManager?: string;
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  readonly force?: boolean;
  readonly timeoutSeconds?: number;
  readonly allowWatchBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
}

/** A request at the level of verbs, which both transports carry. */
export interface ResourceRequest {
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Absent for cluster-scoped resources and for lists over all namespaces. */
  readonly namespace?: string;
  readonly name?: string;
  readonly options?: RequestOptions;
  /** The object, the patch, or DeleteOptions. Never changed by the callee. */
  readonly body?: unknown;
  readonly patchType?: PatchType;
  readonly signal?: AbortSignal;
}

export type WatchEvent<T = KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly object: KubeObject }
  | { readonly type: 'ERROR'; readonly object: unknown };

export interface ResourceWatchRequest extends Omit<ResourceRequest, 'verb' | 'body' | 'patchType'> {
  /** Called for each event in order. ERROR events end the watch. */
  readonly onEvent: (event: WatchEvent) => void;
}

/**
 * Carries requests to an API server: over HTTPS, or in one process as a loopback.
 * Objects that come back may be shared and frozen: copy before changing.
 */
export interface Transport {
  /** Resolves with the object, list or Status; rejects with `StatusError`. */
  request(request: ResourceRequest): Promise<KubeObject | KubeList>;
  /**
   * Watches until the server ends it (resolves), the signal aborts (resolves), or it fails (rejects with
   * `StatusError` or a network error).
   */
  watch(request: ResourceWatchRequest): Promise<void>;
  /** GETs any path as text (`/healthz`, `/openapi/v2`, pod logs); rejects with `StatusError`. */
  raw(path: string, options?: { readonly accept?: string; readonly signal?: AbortSignal }): Promise<string>;
}
