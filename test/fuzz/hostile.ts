/** Inputs made to hurt: nested without end, growing when they are read, or of one character hundreds of thousands of times. */

const many = 300_000;
const alphabet = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('');

const depths = [400, 1_990, 2_010, 10_000, 200_000];
const head = '"apiVersion":"v1","kind":"ConfigMap"';

/** JSON documents. */
export const hostileJson: readonly string[] = [
  ...depths.flatMap((depth) => [
    `{${head},"x":${'['.repeat(depth)}${']'.repeat(depth)}}`,
    `{${head},"x":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`,
    `{"apiVersion":"apps/v1","kind":"ControllerRevision","data":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`,
    '['.repeat(depth),
    '{"a":'.repeat(depth),
  ]),
  `{${head},"immutable":${'9'.repeat(many)}}`,
  `{"apiVersion":"v1","kind":"Pod","spec":{"terminationGracePeriodSeconds":${'9'.repeat(many)}}}`,
  '{"apiVersion":"v1","kind":"Pod","spec":{"terminationGracePeriodSeconds":1e999999999}}',
  `{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"${'9'.repeat(many)}"}}}]}}`,
  '{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"1e999999999"}}}]}}',
  `{${head},"data":{${alphabet(50_000, () => '"a":"b",')}"c":"d"}}`,
  `{${head},"data":{${alphabet(50_000, (i) => `"a${i}":"b","a${i}":"c",`)}"c":"d"}}`,
  `{${head},${alphabet(50_000, (i) => `"a${i}":"b",`)}"c":"d"}`,
  `{${head},"__proto__":{"polluted":1},"data":{"__proto__":"x","constructor":"y"},"metadata":{"__proto__":{"polluted":1}}}`,
  `{${head},"data":{"a":"\\ud800","b":"\u0000"}}`,
  `{${head},"data":{"a":"${'\\u0041'.repeat(200_000)}"}}`,
  `{${head},"data":{"a":"${'\\'.repeat(many)}`,
  `${' '.repeat(many)}{`,
  '"'.repeat(many),
  '-'.repeat(many),
  `[${'1,'.repeat(500_000)}`,
];

function bomb(levels: number, line: (i: number, aliases: string) => string): string {
  const aliases = (i: number): string => Array(9).fill(`*a${i}`).join(',');
  return alphabet(levels, (i) => line(i, i === 0 ? '' : aliases(i - 1)));
}

/** YAML documents. */
export const hostileYaml: readonly string[] = [
  ...depths.flatMap((depth) => [
    `a: ${'['.repeat(depth)}${']'.repeat(depth)}`,
    `a: ${'{a: '.repeat(depth)}1${'}'.repeat(depth)}`,
    `${'- '.repeat(depth)}x`,
    `${'? '.repeat(Math.min(depth, 10_000))}x`,
    '['.repeat(depth),
  ]),
  alphabet(1_000, (i) => `${' '.repeat(i)}a:\n`),
  bomb(12, (i, aliases) => (i === 0 ? 'a0: &a0 [x,x,x,x,x,x,x,x,x]\n' : `a${i}: &a${i} [${aliases}]\n`)),
  bomb(12, (i, aliases) => (i === 0 ? 'a0: &a0 {k: v}\n' : `a${i}: &a${i} {x: [${aliases}]}\n`)),
  bomb(30, (i, aliases) => (i === 0 ? 'a0: &a0 {k: v}\n' : `a${i}: &a${i}\n  <<: [${aliases}]\n`)),
  `a: &a "${'x'.repeat(100_000)}"\nb: [${'*a,'.repeat(50_000)}]`,
  `a: &a [${'x,'.repeat(20_000)}]\nb: [${'*a,'.repeat(20_000)}]`,
  '&a [*a]',
  'a: &a {b: *a}',
  `"${'\\'.repeat(many)}`,
  alphabet(50_000, (i) => `k${i}: v\n`),
  '\0'.repeat(100),
  `a: !!binary ${'A'.repeat(1_000)}`,
  'a: !!js/function "x"\nb: !!python/object "y"\nc: !x {}\n',
  'a: !!int "0x"\nb: !!float "."\nc: !!timestamp "2001-99-99"\nd: !!null "x"\n',
  ' '.repeat(many),
  '\t'.repeat(many),
  ': '.repeat(20_000),
  '|\n'.repeat(20_000),
  `a: ${'9'.repeat(many)}`,
  `a: ${'1_'.repeat(200_000)}`,
  `a: 1${':0'.repeat(200_000)}`,
  `a: 2001-${'1'.repeat(200_000)}`,
  `a: 0x${'f'.repeat(200_000)}`,
  `a: 1e${'9'.repeat(200_000)}`,
  '#'.repeat(many),
  "a: 'x\n".repeat(20_000),
  '-'.repeat(many),
  '&a '.repeat(20_000),
  '!'.repeat(200_000),
  '---\n'.repeat(100_000),
  '%YAML 1.2\n'.repeat(20_000),
  `a: >${'9'.repeat(100_000)}\n`,
  `a: |\n${' '.repeat(100_000)}x`,
  'a: .nan\nb: .inf\nc: -.inf\n',
  '<<: {a: 1}\n<<: {b: 2}\n__proto__: {polluted: 1}\n',
  '\ufeffa: b',
];

/** Label and field selectors. */
export const hostileSelectors: readonly string[] = [
  `a in (${'b,'.repeat(100_000)}c)`,
  `${'a,'.repeat(50_000)}a`,
  'a'.repeat(many),
  '('.repeat(300_000),
  '!'.repeat(300_000),
  `a${' '.repeat(many)}`,
  'a=b,'.repeat(50_000),
  '\\'.repeat(300_001),
  `${'a'.repeat(300_000)}=${'b'.repeat(300_000)}`,
  `${'x/'.repeat(100_000)}a`,
  `${'-'.repeat(100_000)}a!`,
  `${'a.'.repeat(100_000)}-`,
];

/** Quantities. */
export const hostileQuantities: readonly string[] = [
  '1e999999999',
  '1e-999999999',
  '1E+9223372036854775808',
  '9'.repeat(many),
  `0.${'9'.repeat(many)}`,
  `0.${'0'.repeat(many)}1`,
  '.'.repeat(many),
  `${'1'.repeat(many)}x`,
  `${'0'.repeat(many)}Ki`,
  `1e${'0'.repeat(many)}1`,
  `1e${'9'.repeat(1_000)}`,
  '+-1',
  '',
  '.',
  'Ki',
];

/** Expressions of CEL. */
export const hostileExpressions: readonly string[] = [
  ...[100, 300, 5_000, 100_000].flatMap((depth) => [
    `${'('.repeat(depth)}1${')'.repeat(depth)}`,
    `${'['.repeat(depth)}1${']'.repeat(depth)}`,
    `${'!'.repeat(depth)}true`,
    `${'-'.repeat(depth)}1`,
    `1${' + 1'.repeat(depth)}`,
    `true${' && true'.repeat(depth)}`,
    `any${'.a'.repeat(depth)}`,
    `any${'[0]'.repeat(depth)}`,
    `${'true ? '.repeat(depth)}1${' : 2'.repeat(depth)}`,
    `${'{1: '.repeat(depth)}1${'}'.repeat(depth)}`,
    `${'size('.repeat(depth)}1${')'.repeat(depth)}`,
    `1${' == 1'.repeat(depth)}`,
    `'a'${".replace('a', 'aa')".repeat(Math.min(depth, 300))}`,
    `[1]${'.map(x, [x])'.repeat(Math.min(depth, 5_000))}`,
  ]),
  `${'[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].all(x, '.repeat(12)}true${')'.repeat(12)}`,
  `'a'.replace('', '${'a'.repeat(10_000)}').replace('', '${'a'.repeat(10_000)}')`,
  `'${'a'.repeat(100_000)}'.matches('(a+)+$')`,
  `'${'a'.repeat(1_000)}!'.matches('^(a|a)*$')`,
  "'a'.matches('(((((a{1,1000}){1,1000}){1,1000}){1,1000}){1,1000})')",
  `'${'a,'.repeat(50_000)}'.split(',').map(x, x + x).join('')`,
  `"${'\\'.repeat(100_000)}`,
  `b"${'\\xff'.repeat(10_000)}"`,
  `'${"'".repeat(10_000)}`,
  '9223372036854775807 + 1',
  '-9223372036854775808 / -1',
  '1 % 0',
  `${'9'.repeat(100_000)}`,
  `1e${'9'.repeat(1_000)}`,
  `0x${'f'.repeat(10_000)}`,
  `quantity('${'9'.repeat(100_000)}')`,
  `'%s'.format([${'1,'.repeat(10_000)}1])`,
  `'${'%s'.repeat(10_000)}'.format([])`,
  "'%.999999999f'.format([1.0])",
  "'%999999999d'.format([1])",
  `duration('${'1h'.repeat(10_000)}')`,
  `cidr('::/${'9'.repeat(1_000)}')`,
  `url('${'http://'.repeat(10_000)}')`,
  `semver('${'1.'.repeat(10_000)}')`,
  'lists.range(1000000000)',
  "'a'.lastIndexOf('', 99999999999)",
  '[1, 2, 3].slice(0, 99999999999)',
  "'abc'.substring(-1, 2)",
  "'abc'.charAt(99999999999)",
];
