import { readFile } from 'node:fs/promises';
import { type Clock, deepEqual, type Logger } from '@coxswain/machinery';
import { ConfigFileError, throwFaults } from '../../../config-file/config-file-error.ts';
import type { ReloadMetrics } from '../../../config-file/reload-metrics.ts';
import { watchFile } from '../../../config-file/watch-file.ts';
import type { AuthenticationConfig } from './configuration.ts';
import type { JwtTokens } from './jwt-tokens.ts';
import { readAuthenticationConfig } from './read-configuration.ts';
import { type ValidatedAuthentication, validateAuthentication } from './validate-configuration.ts';

/** So long new issuers may take to answer before the reload is given up and tried again. */
const updateTimeoutMs = 60_000;

export interface ReloadOptions {
  readonly path: string;
  /** What the file held when the server began. */
  readonly text: string;
  readonly tokens: JwtTokens;
  readonly disallowedIssuers: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ReloadMetrics;
}

/**
 * Follows the file of `--authentication-config`: what it says counts once it is valid and its issuers answer;
 * until then what it said before does.
 * @returns what stops it
 */
export function reloadAuthentication(options: ReloadOptions): () => void {
  const { path, tokens, disallowedIssuers, clock, logger, metrics } = options;
  const { anonymous } = readAuthenticationConfig(options.text);
  let tracked = options.text;
  const check = async (): Promise<void> => {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      fail('failed to read authentication config file', error);
      return;
    }
    if (text === tracked) return;
    let config: AuthenticationConfig;
    let validated: ValidatedAuthentication;
    try {
      config = readAuthenticationConfig(text);
      validated = validateAuthentication(config, disallowedIssuers);
      throwFaults(validated.errors);
      if (!deepEqual(config.anonymous ?? null, anonymous ?? null)) {
        throw new ConfigFileError('anonymous: Forbidden: changed from initial configuration file');
      }
    } catch (error) {
      // it never will be valid: not looked at again
      tracked = text;
      fail('failed to load authentication config', error);
      return;
    }
    const authenticators = tokens.build(config, validated.expressions);
    const timeout = new AbortController();
    const late = clock.sleep(updateTimeoutMs, timeout.signal).then(() => {
      throw new Error('the issuers did not answer in time');
    });
    late.catch(() => undefined);
    try {
      await Promise.race([Promise.all(authenticators.map((one) => one.ready)), late]);
    } catch (error) {
      for (const one of authenticators) one.close();
      fail('failed to update authentication config', error);
      return;
    } finally {
      timeout.abort(new Error('done'));
    }
    tokens.use(authenticators);
    tracked = text;
    metrics.succeeded(text);
    logger.info('reloaded authentication config', { path });
  };
  const fail = (what: string, error: unknown): void => {
    metrics.failed();
    logger.error(what, { path, error: (error as Error).message });
  };
  return watchFile(path, check, clock, logger);
}
