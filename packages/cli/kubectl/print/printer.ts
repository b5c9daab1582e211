import { readFileSync } from 'node:fs';
import { formatYaml, type KubeObject } from '@coxswain/machinery';
import type { ResourceMapping } from '../discovery.ts';
import { Failure } from '../error-text.ts';
import { type Info, nameOf } from '../resource-builder.ts';
import type { Session } from '../session.ts';

/** What prints objects in one of the `-o` formats. */
export interface ObjectPrinter {
  /** @param objects with kind and version; lists count as one object */
  print(objects: readonly unknown[]): void;
  /** Takes lists as they are, with `items`. */
  readonly whole: boolean;
}

/** Formats that show whole objects. */
const objectFormats = [
  'go-template',
  'go-template-file',
  'json',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
  'kyaml',
  'name',
  'template',
  'templatefile',
  'yaml',
];

const printerFormats = [...objectFormats, 'custom-columns', 'custom-columns-file', 'wide'].sort();

/** The formats of `-o`, as the error about a wrong one lists them. */
function unknownFormat(format: string, allowed: readonly string[] = printerFormats): Failure {
  return new Failure(
    `unable to match a printer suitable for the output format "${format}", allowed formats are: ${allowed.join(',')}`,
  );
}

/** Splits `jsonpath=TEMPLATE` and the like; `--template` is the template of a bare format. */
export function outputOf(session: Session): { format: string; template: string } {
  const output = session.flags.string('output') ?? '';
  const equals = output.indexOf('=');
  const given = session.flags.known('template') ? (session.flags.string('template') ?? '') : '';
  if (equals < 0) return { format: output === '' && given !== '' ? 'go-template' : output, template: given };
  return { format: output.slice(0, equals), template: output.slice(equals + 1) };
}

/** A printer for a format of `-o`; undefined for '' and `wide`, which verbs print in their own way. */
export async function printerOf(
  session: Session,
  write = (text: string): void => session.out(text),
): Promise<ObjectPrinter | undefined> {
  const { format, template } = outputOf(session);
  const { flags } = session;
  const keepManaged = flags.known('show-managed-fields') && flags.bool('show-managed-fields');
  const clean = (value: unknown): unknown => (keepManaged ? value : withoutManagedFields(value));
  const allowMissing =
    !flags.known('allow-missing-template-keys') || flags.bool('allow-missing-template-keys');
  switch (format) {
    case '':
    case 'wide':
      return undefined;
    case 'json': {
      const { formatJson } = await import('./json.ts');
      return printing((each) => write(`${formatJson(each)}\n`), clean);
    }
    case 'kyaml': {
      const { formatKyaml } = await import('./kyaml.ts');
      return printing((each) => write(formatKyaml(each)), clean);
    }
    case 'yaml': {
      let printed = 0;
      return printing((each) => write((printed++ > 0 ? '---\n' : '') + formatYaml(each)), clean);
    }
    case 'name':
      return { whole: false, print: () => undefined };
    case 'jsonpath':
    case 'jsonpath-file':
    case 'jsonpath-as-json': {
      const { jsonPathPrinter } = await import('./jsonpath.ts');
      const text = templateText(format, template);
      return printing(jsonPathPrinter(text, { allowMissing, asJson: format === 'jsonpath-as-json' }, write));
    }
    case 'go-template':
    case 'go-template-file':
    case 'template':
    case 'templatefile': {
      const { templatePrinter } = await import('./template.ts');
      return printing(templatePrinter(templateText(format, template), allowMissing, write));
    }
    case 'custom-columns':
    case 'custom-columns-file': {
      const { parseColumns, parseColumnsFile, printColumns } = await import('./custom-columns.ts');
      const columns =
        format === 'custom-columns'
          ? parseColumns(template)
          : parseColumnsFile(readFileSync(template, 'utf8'));
      const bare = flags.known('no-headers') && flags.bool('no-headers');
      return { whole: false, print: (all) => printColumns(columns, all, bare, write) };
    }
    default:
      throw unknownFormat(format);
  }
}

/** @param clean what is done to an object first */
function printing(print: (each: unknown) => void, clean = (each: unknown): unknown => each): ObjectPrinter {
  return {
    whole: true,
    print: (all) => {
      for (const each of all) print(clean(each));
    },
  };
}

/** The template that stands on the command line, or in the file that it names. Throws `Failure`. */
function templateText(format: string, template: string): string {
  if (template === '') throw new Failure('template format specified but no template given');
  if (!format.endsWith('file')) return template;
  try {
    return readFileSync(template, 'utf8');
  } catch (cause) {
    const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const why = absent ? `open ${template}: no such file or directory` : (cause as Error).message;
    throw new Failure(`error reading --template ${template}, ${why}`, { cause });
  }
}

/** The object, or every item of the list, without `metadata.managedFields`. */
export function withoutManagedFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const object = value as KubeObject;
  if (Array.isArray(object['items'])) {
    return { ...object, items: object['items'].map(withoutManagedFields) };
  }
  if (object.metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/**
 * Prints what a writing verb did: `deployment.apps/web created`, or the object in the format of `-o`.
 * @param operation such as `created`; with a dry run its kind is added
 */
export class ResultPrinter {
  readonly #session: Session;
  readonly #printer: ObjectPrinter | undefined;
  readonly #suffix: string;
  readonly #gathered: unknown[] = [];

  private constructor(session: Session, printer: ObjectPrinter | undefined, suffix: string) {
    this.#session = session;
    this.#printer = printer;
    this.#suffix = suffix;
  }

  static async of(session: Session, dryRun: DryRun = 'none'): Promise<ResultPrinter> {
    const format = session.flags.known('output') ? outputOf(session).format : '';
    if (format !== '' && !objectFormats.includes(format)) throw unknownFormat(format, objectFormats);
    const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)';
    return new ResultPrinter(session, format === '' ? undefined : await printerOf(session), suffix);
  }

  /** As `print`, but objects in a format are held back until `printGathered`, for they may be a List. */
  gather(info: Pick<Info, 'mapping' | 'name'> & { readonly object?: unknown }, operation: string): void {
    const format = this.#printer === undefined ? '' : outputOf(this.#session).format;
    if (format === '' || format === 'name') this.print(info, operation);
    else this.#gathered.push(info.object);
  }

  /** Prints what was gathered: one object as it is, several as a List. */
  printGathered(): void {
    const [first, ...more] = this.#gathered;
    if (first === undefined) return;
    const list = { apiVersion: 'v1', items: this.#gathered, kind: 'List', metadata: {} };
    this.#printer?.print([more.length === 0 ? first : list]);
  }

  print(info: Pick<Info, 'mapping' | 'name'> & { readonly object?: unknown }, operation: string): void {
    const format = this.#printer === undefined ? '' : outputOf(this.#session).format;
    if (format === '') this.#session.out(`${nameOf(info)} ${operation}${this.#suffix}\n`);
    else if (format === 'name') this.#session.out(`${nameOf(info)}\n`);
    else this.#printer?.print([info.object]);
  }
}

export type DryRun = 'none' | 'client' | 'server';

/** The value of `--dry-run`. Throws `Failure` for a wrong one. */
export function dryRunOf(session: Session): DryRun {
  const text = session.flags.string('dry-run') ?? 'none';
  switch (text) {
    case 'none':
    case 'client':
    case 'server':
      return text;
    case 'unchanged':
    case 'true':
      session.err(
        'W helpers: --dry-run=true is deprecated (boolean value) and can be replaced with --dry-run=client.\n',
      );
      return 'client';
    case 'false':
      return 'none';
    default:
      throw new Failure(`Invalid dry-run value (${text}). Must be "none", "server", or "client".`);
  }
}

/** The line of `-o name`. */
export function nameText(mapping: ResourceMapping, object: KubeObject): string {
  return `${nameOf({ mapping, name: object.metadata.name ?? '' })}\n`;
}
