import type { RequestHeaderOptions } from '../bootstrap/authentication-config-map.ts';
import type { TokenAuthenticator } from './authentication/token.ts';
import type { PolicyRule } from './authorization/rbac/policy-rule.ts';
import type { Authorizer, UserInfo } from './contract.ts';

/** The authorizers that a server has of its own. */
export type BuiltInMode = 'AlwaysAllow' | 'AlwaysDeny' | 'Node' | 'RBAC';

/** One member of the chain of authorizers. */
export type ChainLink =
  | { readonly type: BuiltInMode }
  | { readonly type: 'ABAC'; readonly authorizer: Authorizer & RuleSource }
  | { readonly type: 'Webhook'; readonly name: string; readonly authorizer: Authorizer & RuleSource };

/** The rules of a user in a namespace, and why there may be more. */
export interface UserRules {
  readonly rules: readonly PolicyRule[];
  readonly faults: readonly string[];
}

/** Tells what a user may do, as far as an authorizer knows. */
export interface RuleSource {
  rulesFor(user: UserInfo, namespace: string): UserRules;
}

/** The chain of authorizers where it is more than the modes. */
export interface AuthorizerChain {
  readonly links: readonly ChainLink[];
  /** Calls `fn` when there are other links. */
  onChange(fn: () => void): void;
}

/** Which anonymous requests come in. */
export interface AnonymousAccess {
  readonly enabled: boolean;
  /** The only paths that may be asked for; absent: any. */
  readonly paths?: ReadonlySet<string>;
}

/** What decides about requests besides the server's own state: issuers, webhooks, proxies, files. */
export interface ExternalAccess {
  readonly requestHeader?: RequestHeaderOptions;
  /** Absent: as the flag says. */
  readonly anonymous?: AnonymousAccess;
  /** Asked after the server's own, in order. */
  readonly tokens: readonly TokenAuthenticator[];
  /** Absent: the authorization modes are the chain. */
  readonly authorizers?: AuthorizerChain;
  /** Prometheus' text of what was asked and reloaded. */
  metrics(): string;
  /** Stops reloading, and closes connections. */
  close(): void;
}
