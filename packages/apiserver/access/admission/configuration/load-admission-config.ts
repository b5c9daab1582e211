import type { AdmissionConfig } from './admission-config.ts';

/**
 * Reads the file of `--admission-control-config-file`, which few servers have.
 * @throws {AccessConfigError} when it cannot be used
 */
export async function loadAdmissionConfig(path: string): Promise<AdmissionConfig> {
  const { readAdmissionConfig } = await import('./read-admission-config.ts');
  return readAdmissionConfig(path);
}
