import { dirname, resolve } from 'node:path';
import { decodeYaml } from '@coxswain/api';
import { FieldPath, formatGoDuration, required } from '@coxswain/machinery';
import { ConfigFileError, throwFaults } from '../../../config-file/config-file-error.ts';
import type { ImagePolicyConfig } from '../image-policy-webhook.ts';

const [secondMs, minuteMs] = [1000, 60_000];

/** Milliseconds: what holds where nothing is said, and the least and most that may be. */
const bounds = {
  allowTTL: { usual: 5 * minuteMs, least: secondMs, most: 30 * minuteMs },
  denyTTL: { usual: 30 * secondMs, least: secondMs, most: 30 * minuteMs },
} as const;

/**
 * The configuration of ImagePolicyWebhook, which has no version.
 * @param path of the file that says it: relative ones in it are beside it
 * @throws {ConfigFileError}
 */
export function imagePolicyOf(text: string, path: string): ImagePolicyConfig {
  const { imagePolicy } = (decodeYaml(text, undefined, { strict: false }).object ?? {}) as Record<
    string,
    any
  >;
  const { kubeConfigFile = '', allowTTL = 0, denyTTL = 0, defaultAllow = false } = imagePolicy ?? {};
  if (kubeConfigFile === '') {
    throwFaults([required(FieldPath.root('imagePolicy', 'kubeConfigFile'), 'no kubeconfig was given')]);
  }
  return {
    kubeConfigFile: resolve(dirname(path), kubeConfigFile),
    allowTtlMs: ttlOf('allowTTL', allowTTL),
    denyTtlMs: ttlOf('denyTTL', denyTTL),
    defaultAllow: defaultAllow === true,
  };
}

/** @param seconds -1: answers are not kept; 0: as usual */
function ttlOf(name: keyof typeof bounds, seconds: number): number {
  const { usual, least, most } = bounds[name];
  if (seconds === -1) return 0;
  if (seconds === 0) return usual;
  const ms = seconds * secondMs;
  if (ms > least && ms <= most) return ms;
  const shown = [least, most, ms].map(formatGoDuration);
  throw new ConfigFileError(`valid value is between ${shown[0]} and ${shown[1]}, got ${shown[2]}`);
}
