import type { AdmissionConfig } from './admission-config.ts';

/**
 * Reads the file of `--admission-control-config-file`, which few servers have.
 * @param enabled whether a plugin runs
 * @throws {ConfigFileError} when it cannot be used
 */
export async function loadAdmissionConfig(
  path: string,
  enabled: (plugin: string) => boolean,
): Promise<AdmissionConfig> {
  const { readAdmissionConfig } = await import('./read-admission-config.ts');
  return readAdmissionConfig(path, enabled);
}
