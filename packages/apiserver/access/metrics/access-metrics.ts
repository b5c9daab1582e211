import {
  type Clock,
  type Counter,
  exponentialBuckets,
  type Family,
  type MetricsRegistry,
} from '@coxswain/machinery';
import type { Decision } from '../contract.ts';
import { SampledDurations } from './sampled-durations.ts';

/**
 * How long it took to find out who asks and to decide, and who decided, under upstream's names. How many were let in
 * is counted where requests are (`http/access-metrics.ts`).
 */
export class AccessMetrics {
  readonly #decisions: Family<Counter>;
  readonly #authentication: SampledDurations;
  readonly #authorization: SampledDurations;

  constructor(registry: MetricsRegistry, clock: Clock) {
    const seconds = (name: string, help: string): SampledDurations => {
      const buckets = exponentialBuckets(0.001, 2, 15);
      return new SampledDurations(registry.histogram({ name, help, labels: ['result'], buckets }), clock);
    };
    this.#decisions = registry.counter({
      name: 'apiserver_authorization_decisions_total',
      help: 'Decisions by the authorizer that made them.',
      labels: ['decision', 'name', 'type'],
    });
    this.#authentication = seconds(
      'authentication_duration_seconds',
      'How long it took to find out who asks.',
    );
    this.#authorization = seconds('authorization_duration_seconds', 'How long it took to decide.');
    registry.beforeWrite(() => {
      this.#authentication.flush();
      this.#authorization.flush();
    });
  }

  beginAuthentication(): number {
    return this.#authentication.begin();
  }

  authenticated(began: number): void {
    this.#authentication.end(began, 'success');
  }

  /** @param withCredential whether there was one, which then was bad */
  unauthenticated(began: number, withCredential: boolean): void {
    this.#authentication.end(began, withCredential ? 'error' : 'failure');
  }

  beginAuthorization(): number {
    return this.#authorization.begin();
  }

  authorized(began: number, { decision, error }: Decision): void {
    if (decision === 'allow') this.#authorization.end(began, 'allowed');
    else if (error !== undefined) this.#authorization.end(began, 'error');
    else this.#authorization.end(began, decision === 'deny' ? 'denied' : 'no-opinion');
  }

  /** What counts the decisions of one authorizer. @param type its mode, such as `RBAC` */
  decisions(decision: 'allowed' | 'denied', name: string, type: string): Counter {
    return this.#decisions.with(decision, name, type);
  }
}
