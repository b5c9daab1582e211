import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { validatePodLogOptions } from './pod-log-options.ts';

const cases: readonly (readonly [query: string, message: string | undefined])[] = [
  ['tailLines=0&limitBytes=1&sinceSeconds=1', undefined],
  ['sinceTime=2026-01-01T00:00:00Z&follow=true', undefined],
  [
    'tailLines=-1',
    'PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
  ],
  ['limitBytes=0', 'PodLogOptions "p" is invalid: limitBytes: Invalid value: 0: must be greater than 0'],
  ['sinceSeconds=0', 'PodLogOptions "p" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0'],
  [
    'sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z',
    'PodLogOptions "p" is invalid: []: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
  ],
  ['tailLines=x', 'strconv.ParseInt: parsing "x": invalid syntax'],
  ['limitBytes=9223372036854775808', 'strconv.ParseInt: parsing "9223372036854775808": value out of range'],
  ['sinceTime=', undefined],
  [
    'sinceTime=soon&tailLines=x',
    'parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"',
  ],
  ['stream=Stdout', 'PodLogOptions "p" is invalid: stream: Forbidden: may not be specified'],
];

describe('validatePodLogOptions()', () => {
  for (const [query, message] of cases) {
    it(`${message === undefined ? 'takes' : 'refuses'} ${query}`, () => {
      const check = () => validatePodLogOptions(new URLSearchParams(query), 'p');
      if (message === undefined) check();
      else assert.throws(check, { message });
    });
  }
});
