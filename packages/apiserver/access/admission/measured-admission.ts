import type { Clock, Family, Histogram, MetricsRegistry } from '@coxswain/machinery';
import type { AdmissionAttributes } from '../contract.ts';

/** Both phases of admission, as the registry calls them. */
interface Admission {
  admit(attributes: AdmissionAttributes): void | Promise<void>;
  validate(attributes: AdmissionAttributes): void | Promise<void>;
}

type Phase = 'admit' | 'validate';

/** Times the two phases of admission, each as a whole. */
export class MeasuredAdmission implements Admission {
  readonly #admission: () => Admission;
  readonly #clock: Clock;
  readonly #seconds: Family<Histogram>;

  constructor(admission: () => Admission, clock: Clock, metrics: MetricsRegistry) {
    this.#admission = admission;
    this.#clock = clock;
    this.#seconds = metrics.histogram({
      name: 'apiserver_admission_step_admission_duration_seconds',
      help: 'How long each phase of admission took.',
      labels: ['type', 'operation', 'rejected'],
      buckets: [0.005, 0.025, 0.1, 0.5, 1, 2.5],
      stability: 'STABLE',
    });
  }

  admit(attributes: AdmissionAttributes): void | Promise<void> {
    return this.#measure('admit', attributes);
  }

  validate(attributes: AdmissionAttributes): void | Promise<void> {
    return this.#measure('validate', attributes);
  }

  #measure(phase: Phase, attributes: AdmissionAttributes): void | Promise<void> {
    const began = this.#clock.monotonic();
    const refused = (error: unknown): never => {
      this.#observe(phase, attributes, began, true);
      throw error;
    };
    let pending: void | Promise<void>;
    try {
      pending = this.#admission()[phase](attributes);
    } catch (error) {
      return refused(error);
    }
    if (pending instanceof Promise) {
      return pending.then(() => this.#observe(phase, attributes, began, false), refused);
    }
    this.#observe(phase, attributes, began, false);
  }

  #observe(phase: Phase, { operation }: AdmissionAttributes, began: number, rejected: boolean): void {
    const seconds = (this.#clock.monotonic() - began) / 1000;
    this.#seconds.with(phase, operation, String(rejected)).observe(seconds);
  }
}
