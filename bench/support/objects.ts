export const mapsPath = '/api/v1/namespaces/default/configmaps';
export const podsPath = '/api/v1/namespaces/default/pods';

/** A config map of about 1 KB. */
export function configMap(name: string, app = 'bench'): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { app } },
    data: Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`key-${i}`, 'x'.repeat(100)])),
  });
}

/** A pod that is about 6 KB as stored and served, with its managed fields. */
export function pod(name: string, group: number): string {
  const env = Array.from({ length: 12 }, (_, i) => ({
    name: `VARIABLE_${i}`,
    value: `value of variable ${i}`,
  }));
  const container = (index: number): object => ({
    name: `container-${index}`,
    image: `registry.example/application/part-${index}:v1.2.3`,
    ports: [{ name: `http-${index}`, containerPort: 8080 + index }],
    env,
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
    readinessProbe: { httpGet: { path: '/ready', port: `http-${index}` }, periodSeconds: 5 },
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  });
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'bench', tier: `tier-${group % 10}`, group: `group-${group % 100}` } },
    spec: { containers: [container(0), container(1)], volumes: [{ name: 'data', emptyDir: {} }] },
  });
}
