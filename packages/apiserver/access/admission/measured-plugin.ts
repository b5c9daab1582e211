import type { Clock, Family, Histogram, MetricsRegistry } from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin } from '../contract.ts';
import { SampledDurations } from '../metrics/sampled-durations.ts';

type Phase = 'admit' | 'validate';
type Call = (attributes: AdmissionAttributes) => void | Promise<void>;

/** Upper bounds in seconds, as upstream's. */
const buckets = [0.005, 0.025, 0.1, 0.5, 1, 2.5];

/** Times plugins one by one: one call in eight of each, which stands for those since the last. */
export class PluginMetrics {
  readonly #seconds: Family<Histogram>;
  readonly #clock: Clock;
  readonly #registry: MetricsRegistry;

  constructor(registry: MetricsRegistry, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
    this.#seconds = registry.histogram({
      name: 'apiserver_admission_controller_admission_duration_seconds',
      help: 'How long each admission plugin took.',
      labels: ['name', 'type', 'operation', 'rejected'],
      buckets,
      stability: 'STABLE',
    });
  }

  /** The same plugin, timed. */
  measured(plugin: AdmissionPlugin): AdmissionPlugin {
    const { name } = plugin;
    const admit = plugin.admit && this.#timed(name, 'admit', (a) => plugin.admit?.(a));
    const validate = plugin.validate && this.#timed(name, 'validate', (a) => plugin.validate?.(a));
    return {
      name,
      handles: (operation) => plugin.handles(operation),
      ...(admit === undefined ? {} : { admit }),
      ...(validate === undefined ? {} : { validate }),
    };
  }

  #timed(name: string, phase: Phase, call: Call): Call {
    const ofOperation = new Map<AdmissionOperation, SampledDurations>();
    const durationsOf = (operation: AdmissionOperation): SampledDurations => {
      const known = ofOperation.get(operation);
      if (known !== undefined) return known;
      const family = (rejected: string): Histogram => this.#seconds.with(name, phase, operation, rejected);
      const made = new SampledDurations({ with: family }, this.#clock);
      this.#registry.beforeWrite(() => made.flush());
      ofOperation.set(operation, made);
      return made;
    };
    return (attributes) => {
      const durations = durationsOf(attributes.operation);
      const began = durations.begin();
      const refused = (error: unknown): never => {
        durations.end(began, 'true');
        throw error;
      };
      let pending: void | Promise<void>;
      try {
        pending = call(attributes);
      } catch (error) {
        return refused(error);
      }
      if (pending instanceof Promise) return pending.then(() => durations.end(began, 'false'), refused);
      durations.end(began, 'false');
      return undefined;
    };
  }
}
