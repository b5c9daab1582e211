import { formatTime } from '@coxswain/machinery';
import * as yaml from 'js-yaml';
import { Failure } from '../error-text.ts';

/** Whole numbers as Go's strconv reads them: `0644` is octal. */
const goInteger = new yaml.Type('tag:yaml.org,2002:int', {
  kind: 'scalar',
  resolve: (text: unknown) => typeof text === 'string' && integerOf(text) !== undefined,
  construct: (text: string) => integerOf(text),
});

function integerOf(text: string): number | undefined {
  const match = /^([-+]?)(0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|0|[1-9][\d_]*)$/.exec(text);
  if (match === null) return undefined;
  const digits = (match[2] as string).replaceAll('_', '').replace(/^0(?=[0-7])/, '0o');
  return Number(digits) * (match[1] === '-' ? -1 : 1);
}

/** The library's own types, which its declarations leave out. */
const { types } = yaml as unknown as {
  readonly types: Readonly<Record<'null' | 'bool' | 'float' | 'merge' | 'timestamp', yaml.Type>>;
};

const goTime = new yaml.Type('tag:yaml.org,2002:timestamp', {
  kind: 'scalar',
  resolve: (text: unknown) => types.timestamp.resolve(text),
  construct: (text: string) => formatTime((types.timestamp.construct(text) as Date).getTime()),
});

/** Scalars as go-yaml v3 resolves them, which kustomize reads with: `yes` and `n` are texts. */
const schema = yaml.FAILSAFE_SCHEMA.extend({
  implicit: [types.null, types.bool, goInteger, types.float, goTime, types.merge],
});

/**
 * The documents of a YAML text; empty ones are left out.
 * @param source what the text is of, for errors
 * @throws Failure when it is no YAML
 */
export function readYaml(text: string, source: string): unknown[] {
  return documentsOf(text, source, schema).filter((each) => each !== null && each !== undefined);
}

/** The annotations of the objects of a YAML text as they are written there, for they are texts whatever they look like. */
export function writtenAnnotations(
  text: string,
  source: string,
): (Readonly<Record<string, string>> | undefined)[] {
  return documentsOf(text, source, yaml.FAILSAFE_SCHEMA)
    .filter((each) => typeof each === 'object' && each !== null)
    .map((each: any) => each.metadata?.annotations ?? undefined);
}

function documentsOf(text: string, source: string, schema: yaml.Schema): unknown[] {
  try {
    return yaml.loadAll(text, undefined, { schema });
  } catch (cause) {
    throw new Failure(`${source}: yaml: ${(cause as Error).message}`, { cause });
  }
}
