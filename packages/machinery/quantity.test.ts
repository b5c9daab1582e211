import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalQuantity, parseQuantity, Quantity } from './quantity.ts';

test('canonicalQuantity() prints as upstream', () => {
  const cases: Record<string, string> = {
    '0': '0',
    '-0': '0',
    '1': '1',
    '1000': '1k',
    '1024': '1024',
    '1024Mi': '1Gi',
    '0.5': '500m',
    '1.5Gi': '1536Mi',
    '100Ki': '100Ki',
    '0.5Ki': '512',
    '1e3': '1e3',
    '1E': '1E',
    '12e6': '12e6',
    '1e4': '10e3',
    '0.1m': '100u',
    '1n': '1n',
    '0.1n': '1n',
    '1.1n': '2n',
    '-1.5': '-1500m',
    '+5': '+5',
    '0001': '0001',
    '1.0': '1',
    '.5': '500m',
    '5.': '5.',
    '10Ei': '9223372036854775807',
    '7Ei': '7Ei',
    '100m': '100m',
    '1000m': '1',
    '2000k': '2M',
    '0.3Ki': '307200m',
    '1023Ki': '1023Ki',
    '1e-3': '1e-3',
    '1E3': '1E3',
    '1E4': '10e3',
    '1e+3': '1e+3',
    '1e03': '1e03',
    '1e0': '1e0',
    '1.500': '1.500',
    '0.500': '500m',
    '1.5': '1500m',
    '1.000': '1',
    '-1.250': '-1.250',
    '12.345m': '12.345m',
    '1.234567k': '1.234567k',
    '1.m': '1.m',
    '010m': '010m',
    '007Ki': '007Ki',
    '+1Ki': '+1Ki',
    '+8Ki': '8Ki',
    '1.500Ki': '1536',
    '+0': '0',
    '9223372036854775808': '9223372036854775808',
    '-9223372036854775808': '-9223372036854775808',
    '9223372036854775807Ki': '9223372036854775807',
    '1e19': '10e18',
    '1e21': '1e21',
    '1e40': '10e39',
    '100E': '100E',
    '4Gi': '4Gi',
    '1200Gi': '1200Gi',
  };
  for (const [text, canonical] of Object.entries(cases)) {
    assert.equal(canonicalQuantity(text), canonical, text);
  }
});

test('parseQuantity() fails with upstream texts', () => {
  for (const text of ['', 'x', '1.1.M', ' 1', '1 Gi']) {
    assert.throws(
      () => parseQuantity(text),
      /^QuantityParseError: quantities must match the regular expression/,
      text,
    );
  }
  for (const text of ['1i', '1mi', '1KM', '1e']) {
    assert.throws(() => parseQuantity(text), /unable to parse quantity's suffix/, text);
  }
});

test('Quantity forgets the text that it was read from when it is reckoned with', () => {
  assert.equal(parseQuantity('1.500').add(parseQuantity('0')).toString(), '1500m');
  assert.equal(parseQuantity('+5').negate().toString(), '-5');
});

test('Quantity rounds away from zero and adds exactly', () => {
  assert.equal(parseQuantity('1.1').value(), 2n);
  assert.equal(parseQuantity('-1.1').value(), -2n);
  assert.equal(parseQuantity('1u').milliValue(), 1n);
  assert.equal(parseQuantity('1500m').add(parseQuantity('0.5')).toString(), '2');
  assert.equal(Quantity.fromValue(0).add(parseQuantity('1Gi')).toString(), '1Gi');
  assert.equal(parseQuantity('1Gi').subtract(parseQuantity('1Mi')).toString(), '1023Mi');
  assert.ok(parseQuantity('1').compare(parseQuantity('1001m')) < 0);
});

test('parseQuantity() looks at each digit once when the text ends wrongly', () => {
  // With one try for each way to share out the digits this would take minutes.
  assert.throws(() => parseQuantity(`${'1'.repeat(1_000_000)}x`), /must match the regular expression/);
});
