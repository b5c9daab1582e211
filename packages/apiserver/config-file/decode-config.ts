import { type DocumentSource, isDocumentFault, openDocument } from '@coxswain/api';
import { goQuote, type TypeFact } from '@coxswain/machinery';
import { ConfigFileError } from './config-file-error.ts';

/** A kind that a scheme knows. */
export interface ConfigKind {
  /** As the file says it. */
  readonly apiVersion: string;
  readonly kind: string;
  /** What the file becomes, as errors print it: `*apiserver.AuthorizationConfiguration`. */
  readonly goType: string;
  /** Absent for kinds that are known by name alone: no file of such a kind is what is asked for. */
  readonly type?: TypeFact;
}

/** The kinds among which a file's own is looked up. */
export interface ConfigScheme {
  /** Errors name it by where upstream makes it. */
  readonly name: string;
  readonly kinds: readonly ConfigKind[];
}

export interface DecodedConfig {
  readonly kind: ConfigKind;
  /** As Go would write it after reading it; structs that are absent are empty. */
  readonly object: Record<string, any>;
}

/** Kinds of another sort, which a file may be of though it ought not to. */
class KindFault extends ConfigFileError {}

/** Whether a file was refused for what it says of its kind alone. */
export function isKindFault(error: unknown): boolean {
  return error instanceof KindFault;
}

/**
 * Decodes a configuration file, YAML or JSON, as upstream's strict codec does.
 * @throws {ConfigFileError} with upstream's text
 */
export function decodeConfig(text: string, scheme: ConfigScheme): DecodedConfig {
  try {
    return decode(text, scheme);
  } catch (cause) {
    if (isDocumentFault(cause)) throw new ConfigFileError(cause.message, { cause });
    throw cause;
  }
}

function decode(text: string, scheme: ConfigScheme): DecodedConfig {
  const source = open(text);
  const { apiVersion, kind } = source.meta;
  if (kind === '') throw new KindFault(`Object 'Kind' is missing in '${text}'`);
  if (apiVersion === '') throw new KindFault(`Object 'apiVersion' is missing in '${text}'`);
  const known = scheme.kinds.find((one) => one.kind === kind && one.apiVersion === apiVersion);
  if (known === undefined) {
    throw new KindFault(
      `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)} in scheme ${goQuote(scheme.name)}`,
    );
  }
  if (known.type === undefined) return { kind: known, object: {} };
  const { object, strictErrors } = source.decode(known.type, true);
  if (strictErrors.length > 0) {
    throw new ConfigFileError(`strict decoding error: ${strictErrors.join(', ')}`);
  }
  return { kind: known, object };
}

/** What begins like JSON is read as nothing else. */
function open(text: string): DocumentSource {
  return openDocument(Buffer.from(text), /^\s*\{/.test(text) ? 'json' : 'yaml');
}

/**
 * The same of a file that is to be of one kind.
 * @param goType of that kind
 * @param otherwise the text about a file of another one
 */
export function decodeConfigAs(
  text: string,
  scheme: ConfigScheme,
  goType: string,
  otherwise: (found: ConfigKind) => string = (found) => `unexpected type: ${found.goType}`,
): Record<string, any> {
  const { kind, object } = decodeConfig(text, scheme);
  if (kind.goType !== goType) throw new ConfigFileError(otherwise(kind));
  return object;
}
