import { decodeYaml } from '@coxswain/api';
import { ConfigFileError } from '../../../config-file/config-file-error.ts';
import type { PodNodeSelectorConfig } from '../pod-node-selector.ts';

const field = 'podNodeSelectorPluginConfig';

/** The configuration of PodNodeSelector, which has no version. @throws {ConfigFileError} */
export function podNodeSelectorOf(text: string): PodNodeSelectorConfig {
  const root = decodeYaml(text, undefined, { strict: false }).object as Record<string, any> | null;
  const selectors: Record<string, unknown> = root?.[field] ?? {};
  const wrong = Object.entries(selectors).find(([, selector]) => typeof selector !== 'string');
  if (wrong !== undefined) throw new ConfigFileError(`${field}.${wrong[0]} is no text`);
  return selectors as PodNodeSelectorConfig;
}
