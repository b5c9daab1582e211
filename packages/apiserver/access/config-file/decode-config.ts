import { createRequire } from 'node:module';
import { AccessConfigError } from './config-file-error.ts';

/** The shape of a configuration: what a field holds. */
export type Shape =
  | 'string'
  | 'bool'
  | 'number'
  /** Taken as it is. */
  | 'any'
  /** A Go duration; decoded to milliseconds. */
  | 'duration'
  | { readonly list: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

/** A kind of a configuration. */
export interface ConfigKind {
  /** Absent: apiserver.config.k8s.io. */
  readonly group?: string;
  readonly kind: string;
  readonly versions: readonly string[];
  readonly fields: Readonly<Record<string, Shape>>;
}

const usualGroup = 'apiserver.config.k8s.io';

/**
 * Decodes YAML or JSON of a configuration kind strictly.
 * @throws {AccessConfigError} with upstream's texts
 */
export function decodeConfig(text: string, wanted: ConfigKind): Record<string, any> {
  return decodeConfigValue(parseConfig(text), wanted);
}

/** The same of what was read already. */
export function decodeConfigValue(value: unknown, wanted: ConfigKind): Record<string, any> {
  if (!isObject(value))
    throw new AccessConfigError(`couldn't get version/kind; json parse error: not an object`);
  const { apiVersion = '', kind = '' } = value as { apiVersion?: unknown; kind?: unknown };
  const source = JSON.stringify(value);
  if (kind === '') throw new AccessConfigError(`Object 'Kind' is missing in '${source}'`);
  if (apiVersion === '') throw new AccessConfigError(`Object 'apiVersion' is missing in '${source}'`);
  const versions = wanted.versions.map((version) => `${wanted.group ?? usualGroup}/${version}`);
  if (kind !== wanted.kind || !versions.includes(apiVersion as string)) {
    throw new AccessConfigError(
      `no kind "${kind}" is registered for version "${apiVersion}" in scheme "k8s.io/apiserver/pkg/apis/apiserver"`,
    );
  }
  const unknown: string[] = [];
  const fields = { apiVersion: 'string', kind: 'string', ...wanted.fields } as const;
  const decoded = decode(value, { fields }, wanted.kind, '', unknown);
  if (unknown.length > 0) {
    const faults = unknown.map((path) => `unknown field "${path}"`);
    throw new AccessConfigError(`strict decoding error: ${faults.join(', ')}`);
  }
  return decoded as Record<string, any>;
}

/** YAML or JSON. @throws {AccessConfigError} when the text is neither */
export function parseConfig(text: string): unknown {
  if (text === '') throw new AccessConfigError('empty config data');
  // Loaded when there is such a file: start-up does not pay for it otherwise.
  const { load } = createRequire(import.meta.url)('js-yaml') as { load: (text: string) => unknown };
  try {
    return load(text);
  } catch (error) {
    throw new AccessConfigError(`error converting YAML to JSON: yaml: ${(error as Error).message}`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decode(value: unknown, shape: Shape, goPath: string, path: string, unknown: string[]): unknown {
  const mismatch = (goType: string): AccessConfigError =>
    new AccessConfigError(
      `json: cannot unmarshal ${jsonType(value)} into Go struct field ${goPath} of type ${goType}`,
    );
  if (shape === 'string') {
    if (typeof value !== 'string') throw mismatch('string');
    return value;
  }
  if (shape === 'any') return value;
  if (shape === 'number') {
    if (typeof value !== 'number') throw mismatch('int32');
    return value;
  }
  if (shape === 'bool') {
    if (typeof value !== 'boolean') throw mismatch('bool');
    return value;
  }
  if (shape === 'duration') {
    if (typeof value !== 'string') throw mismatch('string');
    return durationMs(value);
  }
  if ('list' in shape) {
    if (!Array.isArray(value)) throw mismatch('[]interface {}');
    return value.map((item, i) => decode(item, shape.list, goPath, `${path}[${i}]`, unknown));
  }
  if (!isObject(value)) throw mismatch('struct');
  const made: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const at = path === '' ? name : `${path}.${name}`;
    const field = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
    if (field === undefined) unknown.push(at);
    else if (member !== null && member !== undefined) {
      made[name] = decode(member, field, `${goPath}.${name}`, at, unknown);
    }
  }
  return made;
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a Go duration. */
function durationMs(text: string): number {
  if (text === '0') return 0;
  const match = /^([-+]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/.exec(text);
  if (match === null) throw new AccessConfigError(`time: invalid duration "${text}"`);
  let total = 0;
  for (const [, number, unit] of (match[2] as string).matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(number) * (units[unit as string] as number);
  }
  return match[1] === '-' ? -total : total;
}
