import { isRelaxedEnvVarName } from '@coxswain/machinery';
import type { ObjectReader } from '../objects/object-cache.ts';
import type { Container, EnvVar, Pod, Service } from '../types.ts';
import { type PodSurroundings, podField, resourceField } from './downward-fields.ts';
import { expand } from './expansion.ts';
import { serviceEnv, visibleServices } from './service-env.ts';

export interface EnvironmentSources {
  readonly objects: ObjectReader;
  readonly services: readonly Service[];
  readonly node: PodSurroundings;
  /** Reads a variable of a file in a volume of the pod; absent where there are no volumes. */
  readonly fileKey?: (volume: string, path: string, key: string) => Promise<string | undefined>;
  /** Tells of names that cannot be variables. */
  readonly warn: (reason: string, message: string) => void;
}

/** Upstream's makeEnvironmentVariables: services, then whole objects, then single variables. */
export async function environmentOf(
  pod: Pod,
  container: Container,
  sources: EnvironmentSources,
): Promise<{ name: string; value: string }[]> {
  const namespace = pod.metadata.namespace ?? '';
  const services = visibleServices(sources.services, namespace, pod.spec.enableServiceLinks ?? true);
  const fromServices = serviceEnv(services);
  const result = new Map<string, string>();
  await addWholeObjects(namespace, container, sources, result);

  // Earlier variables can be referred to, and those of services too.
  const known = new Map(fromServices);
  for (const [name, value] of result) known.set(name, value);
  for (const variable of container.env ?? []) {
    const value = await variableValue(pod, container, variable, sources, known);
    if (value === undefined) continue;
    result.set(variable.name, value);
    known.set(variable.name, value);
  }
  for (const [name, value] of fromServices) if (!result.has(name)) result.set(name, value);
  return [...result].map(([name, value]) => ({ name, value }));
}

async function addWholeObjects(
  namespace: string,
  container: Container,
  sources: EnvironmentSources,
  result: Map<string, string>,
): Promise<void> {
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const ref = configMapRef ?? secretRef;
    if (!ref) continue;
    const name = ref.name ?? '';
    const data = configMapRef
      ? (await sources.objects.configMap(namespace, name))?.data
      : decodeAll((await sources.objects.secret(namespace, name)) ?? undefined);
    const exists = configMapRef
      ? (await sources.objects.configMap(namespace, name)) !== undefined
      : data !== undefined;
    if (!exists) {
      if (ref.optional) continue;
      throw new Error(`${configMapRef ? 'configmap' : 'secret'} "${name}" not found`);
    }
    const invalid: string[] = [];
    for (const [key, value] of Object.entries(data ?? {})) {
      const variable = prefix + key;
      if (isRelaxedEnvVarName(variable).length > 0) invalid.push(key);
      else result.set(variable, value);
    }
    if (invalid.length > 0) {
      const what = configMapRef ? 'ConfigMap' : 'Secret';
      sources.warn(
        'InvalidEnvironmentVariableNames',
        `Keys [${invalid.sort().join(', ')}] from the EnvFrom ${what.toLowerCase()} ${namespace}/${name} were skipped since they are considered invalid environment variable names.`,
      );
    }
  }
}

function decodeAll(
  secret: { readonly data?: Record<string, string> } | undefined,
): Record<string, string> | undefined {
  if (secret === undefined) return undefined;
  return Object.fromEntries(Object.entries(secret.data ?? {}).map(([k, v]) => [k, decode(v)]));
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

async function variableValue(
  pod: Pod,
  container: Container,
  variable: EnvVar,
  sources: EnvironmentSources,
  known: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const from = variable.valueFrom;
  const namespace = pod.metadata.namespace ?? '';
  if (!from) return expand(variable.value ?? '', known);
  if (from.fieldRef) return podField(pod, from.fieldRef.fieldPath, sources.node);
  if (from.resourceFieldRef) {
    const { containerName, resource, divisor } = from.resourceFieldRef;
    const target = containerName
      ? [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((c) => c.name === containerName)
      : container;
    if (!target) throw new Error(`container ${containerName} not found`);
    return resourceField(target, resource, divisor, sources.node);
  }
  if (from.configMapKeyRef) {
    const { name = '', key, optional } = from.configMapKeyRef;
    const object = await sources.objects.configMap(namespace, name);
    const value = object?.data?.[key];
    if (value !== undefined) return value;
    if (optional) return undefined;
    if (object === undefined) throw new Error(`configmap "${name}" not found`);
    throw new Error(`couldn't find key ${key} in ConfigMap ${namespace}/${name}`);
  }
  if (from.secretKeyRef) {
    const { name = '', key, optional } = from.secretKeyRef;
    const object = await sources.objects.secret(namespace, name);
    const value = object?.data?.[key];
    if (value !== undefined) return decode(value);
    if (optional) return undefined;
    if (object === undefined) throw new Error(`secret "${name}" not found`);
    throw new Error(`couldn't find key ${key} in Secret ${namespace}/${name}`);
  }
  if (from.fileKeyRef) {
    const { volumeName, path, key, optional } = from.fileKeyRef;
    const value = await sources.fileKey?.(volumeName, path, key);
    if (value !== undefined) return value;
    if (optional) return undefined;
    throw new Error(`environment variable key "${key}" not found in file "${path}"`);
  }
  return '';
}
