import type { Client } from '@coxswain/client';
import type { MetricsRegistry } from '@coxswain/machinery';
import type { ObjectReader } from '../access/contract.ts';
import { InFlight } from '../http/in-flight.ts';
import { RequestFlows } from '../http/request-flow.ts';
import type { ServingOptions } from '../http/serving-options.ts';
import type { RegistryContext } from '../registry/context.ts';
import { ConfigObjects } from './config-objects.ts';
import { FlowControl } from './flow-control.ts';
import { MaxInFlight } from './max-in-flight.ts';

/** What bounds the requests of a server. */
export interface Limits {
  readonly flows: RequestFlows;
  /** Absent without priority and fairness. */
  readonly control?: FlowControl;
  close(): Promise<void>;
}

/** Builds what the options ask for. */
export function buildLimits(
  options: ServingOptions,
  context: RegistryContext,
  reader: ObjectReader,
  client: Client,
  metrics: MetricsRegistry,
): Limits {
  const { clock, logger, resources } = context;
  const {
    requestTimeoutMs: timeoutMs,
    maxRequestsInflight: reads,
    maxMutatingRequestsInflight: writes,
  } = options;
  const inFlight = new InFlight(metrics, () => clock.monotonic());
  if (!options.priorityAndFairness) {
    const limiter = reads === 0 && writes === 0 ? undefined : new MaxInFlight(reads, writes, metrics);
    return {
      flows: new RequestFlows({ clock, limiter, inFlight, timeoutMs }),
      close: () => Promise.resolve(),
    };
  }
  const serverSeats = reads + writes;
  const limited = inFlight.measureBy(metrics);
  const control = new FlowControl({ clock, resources, metrics, serverSeats, limited });
  const objects = new ConfigObjects({ control, reader, client, clock, logger });
  objects.start();
  return {
    flows: new RequestFlows({ clock, limiter: control, inFlight, timeoutMs }),
    control,
    close: async () => {
      control.close();
      await objects.close();
    },
  };
}
