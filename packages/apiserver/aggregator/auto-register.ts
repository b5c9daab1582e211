import type { Client, ResourceClient } from '@coxswain/client';
import {
  type Clock,
  copyJson,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type Logger,
} from '@coxswain/machinery';
import type { ObjectReader } from '../access/contract.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { type ApiService, apiServices } from './api-service.ts';
import { builtInServices, customServices, stepFor } from './desired-services.ts';

const definitions = { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' } as const;

/** How long one waits after a failure. */
const retryMs = 1_000;

export interface AutoRegisterOptions {
  readonly reader: ObjectReader;
  readonly resources: ResourceRegistry;
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Keeps an APIService for every version that this server serves: built-in ones at start, custom ones always. */
export class AutoRegister {
  readonly #options: AutoRegisterOptions;
  readonly #client: ResourceClient<ApiService>;
  readonly #builtIn: ReadonlyMap<string, ApiService>;
  #custom: ReadonlyMap<string, ApiService> = new Map();
  readonly #thereAtStart = new Set<string>();
  readonly #done = new Set<string>();
  readonly #queue = new Set<string>();
  readonly #stops: (() => void)[] = [];
  #working: Promise<void> | undefined;
  #closed = false;

  constructor(options: AutoRegisterOptions) {
    this.#options = options;
    this.#client = options.client.resource<ApiService>(apiServices);
    this.#builtIn = byName(builtInServices(options.resources));
  }

  /** Looks at all of them and at each that changes from then on. */
  start(): void {
    const { reader } = this.#options;
    this.#custom = this.#readCustom();
    const there = reader.list(apiServices, '').map((one) => one.metadata.name as string);
    for (const name of there) this.#thereAtStart.add(name);
    this.#stops.push(
      reader.onChange(definitions, () => this.#definitionsChanged()),
      reader.onChange(apiServices, (before, after) => {
        const name = (after ?? before)?.metadata.name;
        if (name !== undefined) this.#enqueue(name);
      }),
    );
    for (const name of new Set([...there, ...this.#builtIn.keys(), ...this.#custom.keys()])) {
      this.#enqueue(name);
    }
  }

  /** Resolves when nothing is left to do at the moment. */
  async idle(): Promise<void> {
    await this.#working;
  }

  close(): void {
    this.#closed = true;
    this.#queue.clear();
    for (const stop of this.#stops) stop();
  }

  #readCustom(): ReadonlyMap<string, ApiService> {
    return byName(customServices(this.#options.reader.list(definitions, '')));
  }

  #definitionsChanged(): void {
    const before = this.#custom;
    this.#custom = this.#readCustom();
    for (const name of before.keys()) if (!this.#custom.has(name)) this.#enqueue(name);
    for (const name of this.#custom.keys()) if (!before.has(name)) this.#enqueue(name);
  }

  #enqueue(name: string): void {
    if (this.#closed) return;
    this.#queue.add(name);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    for (const name of this.#queue) {
      this.#queue.delete(name);
      try {
        await this.#bringInOrder(name);
      } catch (error) {
        if (this.#closed) return;
        const { logger, clock } = this.#options;
        if (!isConflict(error)) {
          logger.error('keeping an APIService failed', { name, error: String(error) });
        }
        clock.after(retryMs, () => this.#enqueue(name));
      }
    }
  }

  async #bringInOrder(name: string): Promise<void> {
    const { reader } = this.#options;
    const current = reader.get(apiServices, '', name) as ApiService | undefined;
    const desired = this.#custom.get(name) ?? this.#builtIn.get(name);
    const step = stepFor(current, desired, this.#thereAtStart.has(name), this.#done.has(name));
    try {
      if (step === 'create') await this.#client.create(copyJson(desired) as ApiService);
      else if (step === 'update') {
        await this.#client.update({
          ...(copyJson(current) as ApiService),
          spec: (desired as ApiService).spec,
        });
      } else if (step === 'delete') await this.#client.delete(name, preconditionsOf(current as ApiService));
    } catch (error) {
      // Another server was first, which its event tells.
      if (!isAlreadyExists(error) && !isNotFound(error)) throw error;
    }
    this.#done.add(name);
  }
}

function byName(services: readonly ApiService[]): ReadonlyMap<string, ApiService> {
  return new Map(services.map((one) => [one.metadata.name as string, one]));
}

function preconditionsOf({ metadata }: ApiService): { preconditions: { uid: string } } {
  return { preconditions: { uid: metadata.uid ?? '' } };
}
