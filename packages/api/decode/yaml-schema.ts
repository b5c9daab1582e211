import * as yaml from 'js-yaml';

const nulls = new Set(['', '~', 'null', 'Null', 'NULL']);
const truths = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const lies = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);
const float = /^[-+]?[0-9]*\.?[0-9]+([eE][-+][0-9]+)?$/;
const uint64Max = 2n ** 64n - 1n;
const int64Min = -(2n ** 63n);

/** Go's strconv.ParseInt with base 0, after go-yaml dropped the underscores; undefined where it fails. */
function parseInteger(text: string): number | undefined {
  const plain = text.replaceAll('_', '');
  const m = /^([-+]?)(?:(0[xX][0-9a-fA-F]+)|(0[bB][01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/.exec(plain);
  if (!m) return undefined;
  const digits = m[2] ?? m[3] ?? (m[4] === undefined ? (m[5] as string) : `0o${m[4]}`);
  const value = m[1] === '-' ? -BigInt(digits) : BigInt(digits);
  return value > uint64Max || value < int64Min ? undefined : Number(value);
}

function parseFloating(text: string): number | undefined {
  const special = /^([-+]?)\.(inf|Inf|INF)$/.exec(text);
  if (special) return special[1] === '-' ? -Infinity : Infinity;
  if (/^\.(nan|NaN|NAN)$/.test(text)) return Number.NaN;
  const plain = text.replaceAll('_', '');
  return float.test(plain) ? Number(plain) : undefined;
}

function scalar(
  tag: string,
  resolve: (text: string) => boolean,
  construct: (text: string) => unknown,
): yaml.Type {
  return new yaml.Type(`tag:yaml.org,2002:${tag}`, {
    kind: 'scalar',
    resolve: (data) => resolve((data ?? '') as string),
    construct: (data) => construct((data ?? '') as string),
  });
}

const any = (): boolean => true;

/** Reads scalars as go-yaml v2 resolves them: YAML 1.1 booleans, octals and underscores; dates stay text. */
export const goYamlSchema: yaml.Schema = yaml.FAILSAFE_SCHEMA.extend({
  implicit: [
    scalar(
      'null',
      (t) => nulls.has(t),
      () => null,
    ),
    scalar(
      'bool',
      (t) => truths.has(t) || lies.has(t),
      (t) => truths.has(t),
    ),
    scalar(
      'int',
      (t) => parseInteger(t) !== undefined,
      (t) => parseInteger(t),
    ),
    scalar(
      'float',
      (t) => parseFloating(t) !== undefined,
      (t) => parseFloating(t),
    ),
    new yaml.Type('tag:yaml.org,2002:merge', { kind: 'scalar', resolve: (data) => data === '<<' }),
  ],
  explicit: [
    scalar('timestamp', any, (t) => t),
    scalar('binary', any, (t) => Buffer.from(t, 'base64').toString('utf8')),
  ],
});
