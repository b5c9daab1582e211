import type { Kubeconfig } from '@coxswain/client';
import { copyJson } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import type { Verb } from '../verb.ts';
import { changeConfig } from './kubeconfig-file.ts';

type Entry = Record<string, unknown>;

export const set: Verb = {
  usage: 'config set PROPERTY_NAME PROPERTY_VALUE',
  summary: 'Set an individual value in a kubeconfig file.',
  flags: {
    'set-raw-bytes': { type: 'bool', default: 'false', help: 'The value of data is text, not base64' },
  },
  run: async (session) => {
    const [name, value, ...more] = session.args;
    if (name === undefined || value === undefined || more.length > 0) {
      throw session.usage(`Unexpected args: [${session.args.join(' ')}]`);
    }
    const raw = session.flags.bool('set-raw-bytes');
    await changeConfig(session, (config) => changed(config, name, (field) => fieldValue(field, value, raw)));
    session.out(`Property "${name}" set.\n`);
    return 0;
  },
};

export const unset: Verb = {
  usage: 'config unset PROPERTY_NAME',
  summary: 'Unset an individual value in a kubeconfig file.',
  run: async (session) => {
    const [name, ...more] = session.args;
    if (name === undefined || more.length > 0)
      throw session.usage(`Unexpected args: [${session.args.join(' ')}]`);
    await changeConfig(session, (config) => changed(config, name, undefined));
    session.out(`Property "${name}" unset.\n`);
    return 0;
  },
};

const lists: Readonly<Record<string, 'cluster' | 'user' | 'context'>> = {
  clusters: 'cluster',
  users: 'user',
  contexts: 'context',
};

/**
 * The config with one value changed. Names of clusters, users and contexts may have dots: the entry whose name fits
 * most of the path is meant.
 * @param value of the field that the path ends in; undefined: take it away
 */
function changed(
  config: Kubeconfig,
  path: string,
  value: ((field: string) => unknown) | undefined,
): Kubeconfig {
  const copy = copyJson(config) as unknown as Entry;
  const [list = '', ...rest] = path.split('.');
  const kind = lists[list];
  if (kind === undefined || rest.length === 0) {
    if (value !== undefined && kind !== undefined) throw new Failure(`unable to locate path for ${path}`);
    if (
      !['current-context', 'preferences', 'kind', 'apiVersion', 'extensions', ...Object.keys(lists)].includes(
        list,
      )
    ) {
      throw new Failure(`unable to parse ${path} after [] at api.Config`);
    }
    assign(copy, [list, ...rest], value, path);
    return {
      ...copy,
      ...(copy['current-context'] === undefined ? { 'current-context': '' } : {}),
    } as unknown as Kubeconfig;
  }
  const entries = (copy[list] ?? []) as { name: string }[];
  const known = entries
    .map(({ name }) => name)
    .filter((name) => `${rest.join('.')}.`.startsWith(`${name}.`))
    .sort((a, b) => b.length - a.length)[0];
  const name = known ?? (rest.length === 1 ? rest[0] : rest.slice(0, -1).join('.'));
  const fields = rest.slice((name ?? '').split('.').length);
  if (fields.length === 0) {
    if (value !== undefined) throw new Failure(`can't set a struct to a value: ${name}`);
    copy[list] = entries.filter((each) => each.name !== name);
    return copy as unknown as Kubeconfig;
  }
  let entry = entries.find((each) => each.name === name) as Entry | undefined;
  if (entry === undefined) {
    if (value === undefined) throw new Failure(`current map key \`${name}\` is invalid`);
    entry = { name, [kind]: {} };
    copy[list] = [...entries, entry];
  }
  assign(entry[kind] as Entry, fields, value, path);
  return copy as unknown as Kubeconfig;
}

function assign(
  holder: Entry,
  [field = '', ...rest]: readonly string[],
  value: ((field: string) => unknown) | undefined,
  path: string,
): void {
  if (rest.length > 0) {
    if (typeof holder[field] !== 'object' || holder[field] === null) {
      if (value === undefined) throw new Failure(`unable to locate path for ${path}`);
      holder[field] = {};
    }
    assign(holder[field] as Entry, rest, value, path);
  } else if (value === undefined) delete holder[field];
  else holder[field] = value(field);
}

function fieldValue(field: string, text: string, raw: boolean): unknown {
  if (field.endsWith('-data')) {
    if (raw) return Buffer.from(text).toString('base64');
    const plain = Buffer.from(text, 'base64');
    if (plain.toString('base64').replaceAll('=', '') !== text.replaceAll('=', '')) {
      throw new Failure(
        `error decoding input value: illegal base64 data at input byte ${text.search(/[^\w+/=]|$/)}`,
      );
    }
    return text;
  }
  if (['insecure-skip-tls-verify', 'disable-compression', 'colors'].includes(field)) {
    if (!/^(true|false|1|0|t|f)$/i.test(text))
      throw new Failure(`strconv.ParseBool: parsing "${text}": invalid syntax`);
    return /^(true|1|t)$/i.test(text);
  }
  return field === 'as-groups' ? text.split(',') : text;
}
