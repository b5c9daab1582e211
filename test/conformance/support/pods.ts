import { toolImage } from '../../e2e/support/tool-image.ts';

export interface PodParts {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A container of the tool image. */
export function container(name: string, parts: object = {}): any {
  return { name, image: toolImage(1), imagePullPolicy: 'IfNotPresent', ...parts };
}

/** A pod of given containers. */
export function podOf(
  name: string,
  containers: readonly object[],
  spec: object = {},
  meta: PodParts = {},
): any {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...meta },
    spec: { terminationGracePeriodSeconds: 1, containers, ...spec },
  };
}

/** A pod that runs one shell line and ends. */
export function job(
  name: string,
  line: string,
  parts: object = {},
  spec: object = {},
  meta: PodParts = {},
): any {
  const main = container('main', { command: ['sh', '-c', line], ...parts });
  return podOf(name, [main], { restartPolicy: 'Never', ...spec }, meta);
}

/** A shell line that waits and ends at once when told to. */
export const waitForever = 'trap "exit 0" TERM; while :; do sleep 1 & wait; done';

/** A pod that waits. */
export function idle(name: string, parts: object = {}, spec: object = {}, meta: PodParts = {}): any {
  return podOf(name, [container('main', { command: ['sh', '-c', waitForever], ...parts })], spec, meta);
}

/** A pod that serves its name over HTTP at 8080, ready when it does. */
export function server(name: string, meta: PodParts = {}, parts: object = {}, spec: object = {}): any {
  const main = container('main', {
    env: [{ name: 'HOSTNAME', value: name }],
    ports: [{ containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1, timeoutSeconds: 5 },
    ...parts,
  });
  return podOf(name, [main], spec, meta);
}

export function configMap(name: string, data: Readonly<Record<string, string>>, parts: object = {}): any {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data, ...parts };
}

/** A secret; the values are given as text. */
export function secret(name: string, data: Readonly<Record<string, string>>, parts: object = {}): any {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    data: Object.fromEntries(encoded),
    ...parts,
  };
}
