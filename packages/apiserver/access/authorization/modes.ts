import { bootstrapClusterRoleRules } from '../../bootstrap/objects.ts';
import type { Authorizer, ObjectReader } from '../contract.ts';
import type { AuthorizerChain, BuiltInMode, ChainLink, RuleSource } from '../external-access.ts';
import type { AccessMetrics } from '../metrics/access-metrics.ts';
import { CountedAuthorizer } from '../metrics/counted-authorizer.ts';
import { alwaysAllow, alwaysDeny } from './always.ts';
import { NodeAuthorizer } from './node/node-authorizer.ts';
import { RbacAuthorizer } from './rbac/rbac-authorizer.ts';

/** The authorizers of a server in their order, which a chain from outside may change. */
export class Modes {
  readonly rbac: RbacAuthorizer | undefined;
  readonly #node: NodeAuthorizer | undefined;
  readonly #links: () => readonly ChainLink[];

  /** @param chain takes the place of the modes when there is one */
  constructor(modes: readonly BuiltInMode[], chain: AuthorizerChain | undefined, reader: ObjectReader) {
    const own: readonly ChainLink[] = modes.map((type) => ({ type }));
    this.#links = chain === undefined ? () => own : () => chain.links;
    const types = this.#links().map(({ type }) => type);
    this.rbac = types.includes('RBAC') ? new RbacAuthorizer(reader) : undefined;
    this.#node = types.includes('Node')
      ? new NodeAuthorizer(reader, bootstrapClusterRoleRules('system:node'))
      : undefined;
  }

  /** The authorizers of now, in order. @param metrics counts what each decides; absent: nobody does */
  members(metrics: AccessMetrics | undefined): readonly Authorizer[] {
    return this.#links().flatMap((link) => {
      const authorizer = this.#authorizerOf(link);
      if (authorizer === undefined || metrics === undefined) return authorizer ?? [];
      const name = link.type === 'Webhook' ? link.name : link.type.toLowerCase();
      return new CountedAuthorizer(authorizer, metrics, link.type, name);
    });
  }

  /** What tells the rules of users, in the order of the authorizers. */
  ruleSources(): readonly RuleSource[] {
    return this.#links().flatMap((link) => {
      const authorizer = this.#authorizerOf(link);
      return authorizer !== undefined && 'rulesFor' in authorizer
        ? [authorizer as Authorizer & RuleSource]
        : [];
    });
  }

  /** Stops following changes. */
  close(): void {
    this.rbac?.close();
    this.#node?.close();
  }

  #authorizerOf(link: ChainLink): Authorizer | undefined {
    switch (link.type) {
      case 'AlwaysAllow':
        return alwaysAllow;
      case 'AlwaysDeny':
        return alwaysDeny;
      case 'Node':
        return this.#node;
      case 'RBAC':
        return this.rbac;
      default:
        return link.authorizer;
    }
  }
}
