import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isConfigMapKey, isEnvVarName } from '@coxswain/machinery';
import type { FlagSpecs } from '../../flags.ts';
import { Failure } from '../error-text.ts';
import type { Session } from '../session.ts';

export const dataFlags: FlagSpecs = {
  'from-file': { type: 'strings', help: 'File, folder or key=file' },
  'from-literal': { type: 'strings', help: 'key=value' },
  'from-env-file': { type: 'strings', help: 'File of key=value lines' },
};

/** The data that `--from-file`, `--from-literal` and `--from-env-file` give, in order. */
export function dataOf(session: Session): Map<string, Buffer> {
  const { flags } = session;
  const data = new Map<string, Buffer>();
  const add = (key: string, value: Buffer): void => {
    const faults = isConfigMapKey(key);
    if (faults.length > 0) {
      throw new Failure(`${JSON.stringify(key)} is not a valid key name: ${faults.join(',')}`);
    }
    if (data.has(key)) {
      throw new Failure(`cannot add key "${key}", another key by that name already exists in Data`);
    }
    data.set(key, value);
  };
  const envFiles = flags.known('from-env-file') ? flags.values('from-env-file') : [];
  if (
    envFiles.length > 0 &&
    (flags.values('from-file').length > 0 || flags.values('from-literal').length > 0)
  ) {
    throw new Failure('from-env-file cannot be combined with from-file or from-literal');
  }
  for (const literal of flags.known('from-literal') ? flags.values('from-literal') : []) {
    const equals = literal.indexOf('=');
    if (equals <= 0) throw new Failure(`invalid literal source ${literal}, expected key=value`);
    add(literal.slice(0, equals), Buffer.from(unquoted(literal.slice(equals + 1))));
  }
  for (const source of flags.values('from-file')) addFile(source, add);
  for (const path of envFiles) addEnvFile(path, add);
  return data;
}

/** Of a value in quotes the quotes fall. */
function unquoted(text: string): string {
  const quote = text[0];
  return text.length >= 2 && (quote === '"' || quote === "'") && text.endsWith(quote)
    ? text.slice(1, -1)
    : text;
}

function addFile(source: string, add: (key: string, value: Buffer) => void): void {
  const [first = '', second, ...more] = source.split('=');
  if (more.length > 0) throw new Failure("key names or file paths cannot contain '='");
  if (second !== undefined && first === '') throw new Failure(`key name for file path ${second} missing`);
  if (second === '') throw new Failure(`file path for key name ${first} missing`);
  const path = second ?? first;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new Failure(`error reading ${path}: no such file or directory`);
  if (!stat.isDirectory()) {
    add(second === undefined ? basename(path) : first, readFileSync(path));
    return;
  }
  if (second !== undefined) throw new Failure('cannot give a key name for a directory path');
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const below = join(path, entry.name);
    if (statSync(below).isFile()) add(entry.name, readFileSync(below));
  }
}

function addEnvFile(path: string, add: (key: string, value: Buffer) => void): void {
  for (const raw of readFileSync(path, 'utf8').split(/\r?\n/)) {
    const line = raw.trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const equals = line.indexOf('=');
    const key = equals < 0 ? line : line.slice(0, equals);
    const faults = isEnvVarName(key);
    if (faults.length > 0)
      throw new Failure(`${JSON.stringify(key)} is not a valid key name: ${faults.join(',')}`);
    add(key, Buffer.from(equals < 0 ? (process.env[key] ?? '') : line.slice(equals + 1)));
  }
}
