import type { ResourceClient } from '@coxswain/client';
import {
  type Clock,
  isConflict,
  isNotFound,
  type Logger,
  StatusError,
  type Timer,
} from '@coxswain/machinery';
import type { ObjectReader, UserInfo } from '../access/contract.ts';
import {
  type ApiService,
  type Availability,
  apiServices,
  localAvailability,
  referenceOf,
  withAvailability,
} from './api-service.ts';
import { availabilityFromAnswer, availabilityFromState, discoveryPath } from './availability-check.ts';
import type { AvailabilityMetrics } from './availability-metrics.ts';
import type { RemoteServer } from './remote-server.ts';

/** Servers that answer are asked this often, as nothing tells when one stops. */
const recheckMs = 30_000;
/** After a failure: twice as long each time, from the first to the last. */
const firstRetryMs = 5;
const lastRetryMs = 30_000;
/** A request for discovery should be answered quickly. */
const answerTimeoutMs = 5_000;
/** How many of a server's endpoints are asked at once: one that answers is enough. */
const attempts = 5;

/** Whoever asks for availability must not be refused. */
export const aggregatorUser: UserInfo = { name: 'system:kube-aggregator', groups: ['system:masters'] };

export interface AvailabilityOptions {
  readonly reader: ObjectReader;
  readonly client: ResourceClient<ApiService>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AvailabilityMetrics;
  remote(name: string): RemoteServer | undefined;
}

interface Watched {
  failures: number;
  timer: Timer | undefined;
  running: boolean;
  /** Something changed while a check ran. */
  again: boolean;
}

/** Keeps the condition Available of every APIService, asking those who serve them. */
export class AvailabilityController {
  readonly #options: AvailabilityOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #abort = new AbortController();

  constructor(options: AvailabilityOptions) {
    this.#options = options;
  }

  /** Looks at an APIService now. */
  check(name: string): void {
    if (this.#abort.signal.aborted) return;
    let watched = this.#watched.get(name);
    if (watched === undefined) {
      watched = { failures: 0, timer: undefined, running: false, again: false };
      this.#watched.set(name, watched);
    }
    if (watched.running) {
      watched.again = true;
      return;
    }
    watched.timer?.cancel();
    watched.running = true;
    void this.#run(name, watched);
  }

  /** The APIService is gone. */
  forget(name: string): void {
    this.#watched.get(name)?.timer?.cancel();
    this.#watched.delete(name);
    this.#options.metrics.forget(name);
  }

  close(): void {
    this.#abort.abort(new Error('the server stops'));
    for (const { timer } of this.#watched.values()) timer?.cancel();
    this.#watched.clear();
  }

  async #run(name: string, watched: Watched): Promise<void> {
    const { clock, logger, reader } = this.#options;
    let failed = false;
    try {
      failed = await this.#update(name);
    } catch (error) {
      failed = !isNotFound(error);
      if (failed && !isConflict(error) && !this.#abort.signal.aborted) {
        logger.error('checking an APIService failed', { name, error: String(error) });
      }
    }
    watched.running = false;
    if (this.#watched.get(name) !== watched) return;
    watched.failures = failed ? watched.failures + 1 : 0;
    if (watched.again) {
      watched.again = false;
      this.check(name);
      return;
    }
    const service = reader.get(apiServices, '', name) as ApiService | undefined;
    if (service === undefined || referenceOf(service) === undefined) {
      if (!failed) this.#watched.delete(name);
      if (!failed) return;
    }
    const wait = failed ? Math.min(firstRetryMs * 2 ** (watched.failures - 1), lastRetryMs) : recheckMs;
    watched.timer = clock.after(wait, () => this.check(name));
  }

  /** Whether the check failed, so that it is to be repeated soon. */
  async #update(name: string): Promise<boolean> {
    const { reader, client, clock, remote } = this.#options;
    const service = reader.get(apiServices, '', name) as ApiService | undefined;
    if (service === undefined) return false;
    const reference = referenceOf(service);
    let availability: Availability = localAvailability;
    if (reference !== undefined) {
      const server = remote(name);
      if (server === undefined) return false;
      const known = availabilityFromState(reader, reference);
      availability = known ?? availabilityFromAnswer(await this.#ask(server));
    }
    this.#options.metrics.checked(service, availability);
    const next = withAvailability(service, availability, clock.now());
    if (next !== undefined) await client.updateStatus(next);
    return availability.reason === 'FailedDiscoveryCheck';
  }

  /** Undefined when the server answered its discovery; else why it did not. */
  async #ask(server: RemoteServer): Promise<string | undefined> {
    let places: number;
    try {
      places = server.places;
    } catch (error) {
      return (error as Error).message;
    }
    const asked = Array.from({ length: Math.min(places, attempts) }, () => this.#askOnce(server));
    const faults: string[] = [];
    return await new Promise((resolve) => {
      for (const one of asked) {
        void one.then((fault) => {
          if (fault === undefined) resolve(undefined);
          else if (faults.push(fault) === asked.length) resolve(fault);
        });
      }
    });
  }

  async #askOnce(server: RemoteServer): Promise<string | undefined> {
    const { clock } = this.#options;
    const location = server.locate(discoveryPath(server.group, server.version), 'anything');
    const host = location.host.includes(':') ? `[${location.host}]` : location.host;
    const url = `https://${host}:${location.port}${location.path}`;
    const missing = (why: string): string => `failing or missing response from ${url}: ${why}`;
    const timeout = new AbortController();
    const timer = clock.after(answerTimeoutMs, () => timeout.abort(new Error('timeout')));
    const signal = AbortSignal.any([this.#abort.signal, timeout.signal]);
    try {
      const answer = await server.ask(location, aggregatorUser, { accept: '*/*' }, signal);
      answer.resume();
      const code = answer.statusCode ?? 0;
      return code >= 200 && code < 300 ? undefined : missing(`bad status from ${url}: ${code}`);
    } catch (error) {
      if (timeout.signal.aborted) {
        return missing(
          `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
        );
      }
      return missing(`Get "${url}": ${faultOf(error)}`);
    } finally {
      timer.cancel();
    }
  }
}

/** What a proxied request says of it is not part of the check's message. */
function faultOf(error: unknown): string {
  const { message } = error as Error;
  return error instanceof StatusError ? message.replace('error trying to reach service: ', '') : message;
}
