import type { Counter } from '@coxswain/machinery';
import type { Attributes, Authorizer, Decision } from '../contract.ts';
import type { AccessMetrics } from './access-metrics.ts';

/** An authorizer whose decisions are counted; having no opinion is none. */
export class CountedAuthorizer implements Authorizer {
  readonly #authorizer: Authorizer;
  readonly #metrics: AccessMetrics;
  readonly #type: string;
  readonly #name: string;
  #allowed: Counter | undefined;

  /** @param type its mode, such as `RBAC` */
  constructor(authorizer: Authorizer, metrics: AccessMetrics, type: string, name: string) {
    this.#authorizer = authorizer;
    this.#metrics = metrics;
    this.#type = type;
    this.#name = name;
  }

  authorize(attributes: Attributes): Decision | Promise<Decision> {
    const decision = this.#authorizer.authorize(attributes);
    return decision instanceof Promise ? decision.then((made) => this.#count(made)) : this.#count(decision);
  }

  #count(made: Decision): Decision {
    if (made.decision === 'allow') {
      this.#allowed ??= this.#metrics.decisions('allowed', this.#name, this.#type);
      this.#allowed.inc();
    } else if (made.decision === 'deny') {
      this.#metrics.decisions('denied', this.#name, this.#type).inc();
    }
    return made;
  }
}
