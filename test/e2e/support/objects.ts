import { toolImage } from './tool-image.ts';

/** A container of the tool image that serves HTTP at 8080, unless the parts say otherwise. */
export function container(parts: object = {}): object {
  return {
    name: 'main',
    image: toolImage(1),
    imagePullPolicy: 'IfNotPresent',
    env: [{ name: 'HOSTNAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    ...parts,
  };
}

export function pod(name: string, containerParts: object = {}, spec: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 1, containers: [container(containerParts)], ...spec },
  };
}

/** A container that does nothing but wait, and ends at once when it is told to. */
export const idle = { command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1 & wait; done'] };

export const readiness = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1, timeoutSeconds: 5 };

export function deployment(
  name: string,
  replicas: number,
  containerParts: object = {},
  spec: object = {},
): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 5,
          containers: [container({ readinessProbe: readiness, ...containerParts })],
          ...spec,
        },
      },
    },
  };
}

export function service(name: string, parts: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }], ...parts },
  };
}
