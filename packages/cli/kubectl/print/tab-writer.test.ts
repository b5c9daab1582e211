import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TabWriter } from './tab-writer.ts';

function written(
  options: ConstructorParameters<typeof TabWriter>[1],
  fill: (tabs: TabWriter) => void,
): string {
  let out = '';
  const tabs = new TabWriter((text) => {
    out += text;
  }, options);
  fill(tabs);
  tabs.flush();
  return out;
}

test('TabWriter aligns columns, at least six wide with three between, the last one bare', () => {
  const out = written(undefined, (tabs) => {
    tabs.row(['NAME', 'A', 'AGE']);
    tabs.row(['kubernetes', 'b', '1m']);
  });
  assert.equal(out, 'NAME         A     AGE\nkubernetes   b     1m\n');
});

test('TabWriter remembers widths from one flush to the next', () => {
  const out = written(undefined, (tabs) => {
    tabs.row(['a-long-name', 'x']);
    tabs.flush();
    tabs.row(['b', 'y']);
  });
  assert.equal(out, 'a-long-name   x\nb             y\n');
});

test('TabWriter ends a column where a row lacks it', () => {
  const out = written({ minWidth: 0, padding: 2, remember: false }, (tabs) => {
    for (const line of ['Name:\tx', 'Containers:', '  Image:\ty', '  Id:\tz']) tabs.row(line.split('\t'));
  });
  assert.equal(out, 'Name:  x\nContainers:\n  Image:  y\n  Id:     z\n');
});
