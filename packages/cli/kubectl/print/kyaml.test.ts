import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatKyaml } from './kyaml.ts';

test('formatKyaml() quotes strings, leaves keys bare where it can, and ends every line of a collection with a comma', () => {
  const object = {
    metadata: {
      name: 'web',
      labels: { 'app.kubernetes.io/name': 'x', no: 'y', '1.0': 'z' },
      empty: {},
      none: null,
    },
    kind: 'Pod',
    spec: { containers: [{ ports: [{ port: 80 }, { port: 443 }], args: ['a', 1] }], list: [] },
  };
  assert.equal(
    formatKyaml(object),
    `---
{
  kind: "Pod",
  metadata: {
    empty: {},
    labels: {
      "1.0": "z",
      app.kubernetes.io/name: "x",
      "no": "y",
    },
    name: "web",
    none: null,
  },
  spec: {
    containers: [{
      args: [
        "a",
        1,
      ],
      ports: [{
        port: 80,
      }, {
        port: 443,
      }],
    }],
    list: [],
  },
}
`,
  );
});

test('formatKyaml() folds texts of several lines', () => {
  assert.equal(
    formatKyaml({ a: 'one\n  two "q"\n\nlast', b: 'end\n' }),
    `---
{
  a: "\\
     one\\n\\
    \\  two \\"q\\"\\n\\
     \\n\\
     last\\
    ",
  b: "\\
     end\\n\\
    ",
}
`,
  );
});
