import { request as httpsRequest } from 'node:https';
import { type KubeObject, newMethodNotSupported } from '@coxswain/machinery';
import { goFault } from '../http/go-fault.ts';
import { encodeStored } from '../storage/encode.ts';
import { Entry } from '../storage/entry.ts';
import { plainError } from './context.ts';
import { parseListOptions } from './options/options.ts';
import { compileSelection } from './options/selection.ts';
import type { SpecialHandler } from './specials.ts';

/** How a component of the control plane is. */
export interface ComponentHealth {
  readonly healthy: boolean;
  /** What it says of itself, or why it could not be asked. */
  readonly message: string;
}

/** Asks a component how it is; never throws. */
export type ComponentCheck = () => Promise<ComponentHealth>;

/** Ports on which kube-controller-manager and kube-scheduler tell how they are. */
const ports: Readonly<Record<string, number>> = { 'controller-manager': 10257, scheduler: 10259 };
const probeTimeoutMs = 20_000;

/**
 * The components that `componentstatuses` tells of.
 *
 * @param storeFault what is wrong with the store, if anything is
 * @param known those of which this process knows more than a probe of their usual ports would tell
 */
export function componentChecks(
  storeFault: () => Promise<string | undefined>,
  known: ReadonlyMap<string, ComponentCheck>,
): ReadonlyMap<string, ComponentCheck> {
  const checks = new Map<string, ComponentCheck>();
  for (const [name, port] of Object.entries(ports))
    checks.set(name, known.get(name) ?? (() => probeComponent(port)));
  checks.set('etcd-0', async () => {
    const fault = await storeFault();
    return { healthy: fault === undefined, message: fault ?? 'ok' };
  });
  return checks;
}

/** Serves what components say when they are asked; nothing of it is stored. */
export function readComponents(checks: ReadonlyMap<string, ComponentCheck>): SpecialHandler {
  return async (_, request) => {
    const { resource, verb, name } = request;
    if (verb === 'get') {
      const check = checks.get(name);
      if (check === undefined) throw plainError(`Component not found: ${name}`);
      return { kind: 'object', status: 200, object: statusOf(name, await check()) };
    }
    if (verb !== 'list') throw newMethodNotSupported(resource.groupResource, verb);
    const { matches } = compileSelection(resource, '', name, parseListOptions(request));
    const statuses = await Promise.all(
      [...checks].map(async ([component, check]) => statusOf(component, await check())),
    );
    const entries = statuses.map((status) =>
      Entry.unstored(status.metadata.name, encodeStored(status), status),
    );
    return {
      kind: 'list',
      status: 200,
      listed: { entries: matches === undefined ? entries : entries.filter(matches), revision: 0 },
    };
  };
}

function statusOf(
  name: string,
  { healthy, message }: ComponentHealth,
): KubeObject & { metadata: { name: string } } {
  const condition = { type: 'Healthy', status: healthy ? 'True' : 'False', message };
  return { kind: 'ComponentStatus', apiVersion: 'v1', metadata: { name }, conditions: [condition] };
}

/** Asks a component of the same machine how it is; its certificate is its own affair. */
export function probeComponent(port: number): Promise<ComponentHealth> {
  const host = '127.0.0.1';
  return new Promise((resolve) => {
    const fail = (message: string): void => resolve({ healthy: false, message });
    const unreachable = (error: Error): void =>
      fail(`Get "https://${host}:${port}/healthz": ${goFault(error, host, port)}`);
    const asked = httpsRequest(
      { host, port, path: '/healthz', rejectUnauthorized: false, agent: false, timeout: probeTimeoutMs },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', unreachable);
        response.on('end', () => {
          const { statusCode = 0 } = response;
          if (statusCode < 200 || statusCode > 399) fail(`HTTP probe failed with statuscode: ${statusCode}`);
          else resolve({ healthy: true, message: Buffer.concat(chunks).toString('utf8') });
        });
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('context deadline exceeded')));
    asked.on('error', unreachable);
    asked.end();
  });
}
