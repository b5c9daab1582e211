import { readFile } from 'node:fs/promises';
import { type Clock, type Logger, readText } from '@coxswain/machinery';
import { aggregate, ConfigFileError, throwFaults } from '../../../config-file/config-file-error.ts';
import type { ReloadMetrics } from '../../../config-file/reload-metrics.ts';
import { watchFile } from '../../../config-file/watch-file.ts';
import type { AuthorizerChain, ChainLink } from '../../external-access.ts';
import { type AuthorizerLinks, buildLinks, type LinkSources } from './authorizer-links.ts';
import type { AuthorizationConfig } from './configuration.ts';
import { readAuthorizationConfig } from './read-configuration.ts';
import { type ValidatedAuthorization, validateAuthorization } from './validate-configuration.ts';

/** Longer than a webhook may take with all its retries. */
const drainMs = 300_000;

export interface ReloadedChainOptions {
  /** The file of `--authorization-config`. */
  readonly path: string;
  readonly sources: LinkSources;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ReloadMetrics;
}

interface Loaded extends ValidatedAuthorization {
  readonly config: AuthorizationConfig;
}

/** The chain of authorizers that a file describes, exchanged when the file says something else that is valid. */
export class ReloadedChain implements AuthorizerChain {
  readonly #options: ReloadedChainOptions;
  readonly #builtIn: readonly string[];
  readonly #listeners: (() => void)[] = [];
  readonly #stop: () => void;
  #links: AuthorizerLinks;
  #text: string;

  /** @throws {ConfigFileError} with upstream's text when the file cannot be used */
  constructor(options: ReloadedChainOptions) {
    const { path, sources, clock, logger, metrics } = options;
    this.#options = options;
    this.#text = readNow(path);
    const loaded = loadAuthorization(this.#text);
    this.#builtIn = builtInTypes(loaded.config);
    this.#links = buildLinks(loaded.config, loaded.conditions, sources);
    metrics.using(this.#text);
    this.#stop = watchFile(path, () => this.#check(), clock, logger);
  }

  get links(): readonly ChainLink[] {
    return this.#links.links;
  }

  onChange(fn: () => void): void {
    this.#listeners.push(fn);
  }

  close(): void {
    this.#stop();
    this.#links.close();
  }

  async #check(): Promise<void> {
    const { path, sources, clock, logger, metrics } = this.#options;
    let text = this.#text;
    try {
      text = await readFile(path, 'utf8');
      if (text === this.#text) return;
      const loaded = loadAuthorization(text, this.#builtIn);
      const links = buildLinks(loaded.config, loaded.conditions, sources);
      const before = this.#links;
      this.#links = links;
      for (const listener of this.#listeners) listener();
      // requests may still wait for what the webhooks of before say
      clock.after(drainMs, () => before.close());
      metrics.succeeded(text);
      logger.info('reloaded authz config', { path });
    } catch (error) {
      metrics.failed();
      logger.error('reloading authz config failed', { path, error: (error as Error).message });
    }
    this.#text = text;
  }
}

function readNow(path: string): string {
  try {
    return readText(path);
  } catch (error) {
    throw new ConfigFileError(
      `failed to load AuthorizationConfiguration from file: ${(error as Error).message}`,
    );
  }
}

/**
 * Reads and validates a configuration.
 * @param wanted the types besides webhooks that must be there, and no others; absent: any
 * @throws {ConfigFileError} with upstream's text
 */
export function loadAuthorization(text: string, wanted?: readonly string[]): Loaded {
  let config: AuthorizationConfig;
  try {
    config = readAuthorizationConfig(text);
  } catch (error) {
    throw new ConfigFileError(
      `failed to load AuthorizationConfiguration from file: ${(error as Error).message}`,
    );
  }
  const validated = validateAuthorization(config);
  throwFaults(validated.errors);
  const faults = config.authorizers.flatMap(({ type = '', name }) => {
    const expected = type.toLowerCase();
    if (type === 'Webhook' || name === expected) return [];
    return [`expected name ${expected} for authorizer ${type} instead of ${name}`];
  });
  const has = builtInTypes(config);
  const missing = (wanted ?? has).filter((type) => !has.includes(type));
  const extra = has.filter((type) => !(wanted ?? has).includes(type));
  if (missing.length > 0) faults.push(`missing required types: [${missing.join(' ')}]`);
  if (extra.length > 0) faults.push(`unexpected extra types: [${extra.join(' ')}]`);
  if (faults.length > 0) throw new ConfigFileError(aggregate(faults));
  return { ...validated, config };
}

function builtInTypes({ authorizers }: AuthorizationConfig): readonly string[] {
  return authorizers.flatMap(({ type = '' }) => (type === 'Webhook' ? [] : [type])).sort();
}
