import type { Clock } from '@coxswain/machinery';
import { versionInfo } from './version.ts';

/** What `/flagz` tells: every flag and its value, for people alone. */
export function flagz(flags: readonly (readonly [string, string])[]): string {
  return [
    '',
    'kube-apiserver flagz',
    warning,
    '',
    ...flags.map(([name, value]) => `${name}=${value}`),
    '',
  ].join('\n');
}

const warning = 'Warning: for people to read; its form may change at any time.';

/** What `/statusz` tells of the process in plain words, for people alone. */
export function statusz(clock: Clock, paths: readonly string[]): string {
  const version = versionInfo() as Readonly<Record<string, string>>;
  const up = Math.floor(process.uptime());
  const started = new Date(clock.now() - up * 1000).toUTCString();
  const pad = (value: number): string => String(value).padStart(2, '0');
  return [
    '',
    'kube-apiserver statusz',
    warning,
    '',
    `Started: ${started}`,
    `Up: ${Math.floor(up / 3600)} hr ${pad(Math.floor(up / 60) % 60)} min ${pad(up % 60)} sec`,
    `Go version: ${version['goVersion']}`,
    `Binary version: ${(version['gitVersion'] ?? '').slice(1)}`,
    `Emulation version: ${version['emulationMajor']}.${version['emulationMinor']}`,
    `Paths: ${paths.join(' ')}`,
    '',
  ].join('\n');
}
