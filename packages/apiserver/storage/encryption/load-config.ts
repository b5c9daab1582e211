import { decodeYaml } from '@coxswain/api';
import { goQuote } from '@coxswain/machinery';
import { type EncryptionConfig, EncryptionConfigError } from './config.ts';
import { validateEncryptionConfig } from './validate-config.ts';

/**
 * Reads an encryption configuration (YAML or JSON).
 * @param path what messages call it
 * @throws EncryptionConfigError in upstream's words
 */
export function parseEncryptionConfig(text: string, path: string): EncryptionConfig {
  const file = `encryption provider configuration file ${goQuote(path)}`;
  if (text.trim() === '') throw new EncryptionConfigError(`${file} is empty`);
  const undecodable = (why: string): EncryptionConfigError =>
    new EncryptionConfigError(`error decoding ${file}: ${why}`);
  let value: EncryptionConfig & { readonly apiVersion?: unknown; readonly kind?: unknown };
  try {
    value = decodeYaml(Buffer.from(text), undefined, { strict: false }).object as typeof value;
  } catch (error) {
    throw undecodable((error as Error).message);
  }
  const { apiVersion, kind } = value ?? {};
  if (apiVersion !== 'apiserver.config.k8s.io/v1' || kind !== 'EncryptionConfiguration') {
    throw undecodable(
      `no kind ${goQuote(String(kind ?? ''))} is registered for version ${goQuote(String(apiVersion ?? ''))} in scheme "k8s.io/apiserver/pkg/server/options/encryptionconfig/config.go:150"`,
    );
  }
  const fault = shapeFault(value);
  if (fault !== undefined) throw undecodable(fault);
  const errors = validateEncryptionConfig(value).map((error) => `${error.field}: ${error.message}`);
  const texts = [...new Set(errors)];
  if (texts.length > 0) {
    throw new EncryptionConfigError(texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`);
  }
  return value;
}

const members: Readonly<Record<string, readonly string[]>> = {
  config: ['apiVersion', 'kind', 'resources'],
  resource: ['resources', 'providers'],
  provider: ['aesgcm', 'aescbc', 'secretbox', 'identity', 'kms'],
};

/** What a strict decoder would refuse: a misspelt provider must not leave secrets open. */
function shapeFault(config: EncryptionConfig): string | undefined {
  const check = (value: unknown, known: string, path: string): string | undefined => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${path} is no object`;
    const extra = Object.keys(value).find((name) => !members[known]?.includes(name));
    return extra === undefined ? undefined : `strict decoding error: unknown field "${path}.${extra}"`;
  };
  const list = <T>(value: readonly T[] | undefined): readonly T[] => (Array.isArray(value) ? value : []);
  let fault = check(config, 'config', 'configuration');
  for (const [i, resource] of list(config.resources).entries()) {
    fault ??= check(resource, 'resource', `resources[${i}]`);
    for (const [j, provider] of list(resource?.providers).entries()) {
      fault ??= check(provider, 'provider', `resources[${i}].providers[${j}]`);
    }
  }
  return fault;
}
