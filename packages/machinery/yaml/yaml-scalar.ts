/** How a string may be written in YAML. */
export interface ScalarFacts {
  readonly plain: boolean;
  readonly single: boolean;
  readonly block: boolean;
}

const firstIndicators = '#,[]{}&*!|>\'"%@`';

/** What libyaml's emitter finds out about a string before it chooses a style. */
export function analyzeScalar(value: string): ScalarFacts {
  let indicators = value.startsWith('---') || value.startsWith('...');
  const special = /[^\n\x20-\x7e\u00a0-\ufefe\uff00-\ufffd]/u.test(value);
  const blank = (char: string | undefined): boolean =>
    char === undefined || char === ' ' || char === '\t' || char === '\n' || char === '\r';
  for (let i = 0; i < value.length && !indicators; i++) {
    const char = value[i] as string;
    const next = value[i + 1];
    if (i === 0) {
      if (firstIndicators.includes(char)) indicators = true;
      else if ((char === '?' || char === ':' || char === '-') && blank(next)) indicators = true;
    } else if (char === ':' && blank(next)) indicators = true;
    else if (char === '#' && blank(value[i - 1])) indicators = true;
  }
  const edges = /^[ \n]|[ \n]$/.test(value);
  const breakSpace = /\n /.test(value);
  const spaceBreak = / \n/.test(value);
  const lineBreaks = value.includes('\n');
  const never = spaceBreak || special;
  return {
    plain: !edges && !breakSpace && !never && !lineBreaks && !indicators,
    single: !breakSpace && !never,
    block: !never && !value.endsWith(' '),
  };
}

const words = new Set(
  [
    ['', '~', 'null', 'Null', 'NULL'],
    ['y', 'Y', 'yes', 'Yes', 'YES', 'n', 'N', 'no', 'No', 'NO'],
    ['true', 'True', 'TRUE', 'false', 'False', 'FALSE', 'on', 'On', 'ON', 'off', 'Off', 'OFF'],
    ['.nan', '.NaN', '.NAN', '.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF'],
  ].flat(),
);
const integer = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/;
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const base60 = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;
const timestamp = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d{2}:\d{2})?)?$/;

/** Whether the string, written plainly, would be read as something else than a string. */
export function resolvesToOther(value: string): boolean {
  if (words.has(value)) return true;
  if (!/^[-+.\d]/.test(value)) return false;
  const number = value.startsWith('.') ? value : value.replaceAll('_', '');
  return integer.test(number) || float.test(number) || base60.test(value) || timestamp.test(value);
}
