import {
  type Clock,
  type Counter,
  exponentialBuckets,
  type Family,
  type FamilyOptions,
  type MetricsRegistry,
} from '@coxswain/machinery';
import type { Decision, UserInfo } from '../contract.ts';
import { SampledDurations } from './sampled-durations.ts';

/** Names that are counted on their own; those of all others would tell who uses the server. */
const knownNames: ReadonlySet<string> = new Set([
  'admin',
  'client',
  'kube_proxy',
  'kubelet',
  'system:serviceaccount:kube-system:default',
]);

/** How often requests were let in or not, and how long that took, under upstream's names. */
export class AccessMetrics {
  readonly #users: Family<Counter>;
  /** Most users are no special ones. */
  readonly #other: Counter;
  readonly #authentications: Family<Counter>;
  readonly #success: Counter;
  readonly #authorizations: Family<Counter>;
  readonly #allowed: Counter;
  readonly #decisions: Family<Counter>;
  readonly #authenticationSeconds: SampledDurations;
  readonly #authorizationSeconds: SampledDurations;

  constructor(registry: MetricsRegistry, clock: Clock) {
    const counter = (name: string, help: string, labels: readonly string[]): Family<Counter> =>
      registry.counter({ name, help, labels } satisfies FamilyOptions);
    const seconds = (name: string, help: string): SampledDurations => {
      const buckets = exponentialBuckets(0.001, 2, 15);
      return new SampledDurations(registry.histogram({ name, help, labels: ['result'], buckets }), clock);
    };
    this.#users = counter('authenticated_user_requests', 'Requests by the user that made them.', [
      'username',
    ]);
    this.#authentications = counter(
      'authentication_attempts',
      'Requests by how it was found out who makes them.',
      ['result'],
    );
    this.#authorizations = counter('authorization_attempts_total', 'Requests by whether they were allowed.', [
      'result',
    ]);
    this.#decisions = counter(
      'apiserver_authorization_decisions_total',
      'Decisions by the authorizer that made them.',
      ['decision', 'name', 'type'],
    );
    this.#authenticationSeconds = seconds(
      'authentication_duration_seconds',
      'How long it took to find out who asks.',
    );
    this.#authorizationSeconds = seconds('authorization_duration_seconds', 'How long it took to decide.');
    this.#other = this.#users.with('other');
    this.#success = this.#authentications.with('success');
    this.#allowed = this.#authorizations.with('allowed');
    registry.beforeWrite(() => {
      this.#authenticationSeconds.flush();
      this.#authorizationSeconds.flush();
    });
  }

  beginAuthentication(): number {
    return this.#authenticationSeconds.begin();
  }

  authenticated(began: number, user: UserInfo): void {
    this.#authenticationSeconds.end(began, 'success');
    this.#success.inc();
    const { name } = user;
    if (knownNames.has(name)) this.#users.with(name).inc();
    else if (name.includes('@')) this.#users.with('email_id').inc();
    else this.#other.inc();
  }

  /** @param withCredential whether there was one, which then was bad */
  unauthenticated(began: number, withCredential: boolean): void {
    const result = withCredential ? 'error' : 'failure';
    this.#authenticationSeconds.end(began, result);
    this.#authentications.with(result).inc();
  }

  beginAuthorization(): number {
    return this.#authorizationSeconds.begin();
  }

  authorized(began: number, { decision, error }: Decision): void {
    if (decision === 'allow') {
      this.#authorizationSeconds.end(began, 'allowed');
      this.#allowed.inc();
      return;
    }
    const result = error !== undefined ? 'error' : decision === 'deny' ? 'denied' : 'no-opinion';
    this.#authorizationSeconds.end(began, result);
    this.#authorizations.with(result).inc();
  }

  /** What counts the decisions of one authorizer. @param type its mode, such as `RBAC` */
  decisions(decision: 'allowed' | 'denied', name: string, type: string): Counter {
    return this.#decisions.with(decision, name, type);
  }
}
