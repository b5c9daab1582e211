import type { Counter, MetricsRegistry } from '@coxswain/machinery';
import type { Decision } from '../../access/contract.ts';

/** Names that upstream tells apart; everybody else is one of many. */
const namedUsers: ReadonlySet<string> = new Set([
  'admin',
  'client',
  'kube_proxy',
  'kubelet',
  'system:serviceaccount:kube-system:default',
]);

/** Counts who is let in. */
export class AccessMetrics {
  readonly #known: Counter;
  readonly #unknown: Counter;
  readonly #failed: Counter;
  readonly #users: ReadonlyMap<string, Counter>;
  readonly #email: Counter;
  readonly #other: Counter;
  readonly #decisions: Readonly<Record<Decision['decision'], Counter>>;
  readonly #undecided: Counter;

  constructor(metrics: MetricsRegistry) {
    const attempts = metrics.counter({
      name: 'authentication_attempts',
      help: 'Requests whose user was found out, or not.',
      labels: ['result'],
    });
    this.#known = attempts.with('success');
    this.#unknown = attempts.with('failure');
    this.#failed = attempts.with('error');
    const users = metrics.counter({
      name: 'authenticated_user_requests',
      help: 'Requests by the kind of their user.',
      labels: ['username'],
    });
    this.#users = new Map([...namedUsers].map((name) => [name, users.with(name)]));
    this.#email = users.with('email_id');
    this.#other = users.with('other');
    const decisions = metrics.counter({
      name: 'authorization_attempts_total',
      help: 'Decisions on requests.',
      labels: ['result'],
    });
    this.#decisions = {
      allow: decisions.with('allowed'),
      deny: decisions.with('denied'),
      'no-opinion': decisions.with('no-opinion'),
    };
    this.#undecided = decisions.with('error');
  }

  authenticated(name: string): void {
    this.#known.value++;
    const named = namedUsers.has(name) ? this.#users.get(name) : undefined;
    (named ?? (name.includes('@') ? this.#email : this.#other)).value++;
  }

  /** @param refused a credential was bad; else whoever was to check it failed */
  unauthenticated(refused: boolean): void {
    (refused ? this.#unknown : this.#failed).value++;
  }

  decided({ decision, error }: Decision): void {
    (error === undefined ? this.#decisions[decision] : this.#undecided).value++;
  }
}
