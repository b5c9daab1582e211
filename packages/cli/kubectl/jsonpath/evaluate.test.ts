import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { JsonPath, relaxedPath } from './evaluate.ts';

const data = {
  kind: 'List',
  items: [
    { name: 'a', port: 80, labels: { 'x.y/z': 'one' }, ready: true, list: [1, 2, 3] },
    { name: 'b', port: 443, labels: {}, ready: false },
  ],
};

describe('JsonPath.render()', () => {
  const cases: readonly (readonly [template: string, text: string])[] = [
    ['{.kind}', 'List'],
    ['kind={.kind}!', 'kind=List!'],
    ['{.items[*].name}', 'a b'],
    ['{.items[0].name}', 'a'],
    ['{.items[-1].name}', 'b'],
    ['{.items[0:1].name}', 'a'],
    ['{.items[0].list[::2]}', '1 3'],
    ['{.items[0].list[1:]}', '2 3'],
    ['{range .items[*]}{.name}{"\\t"}{.port}{"\\n"}{end}', 'a\t80\nb\t443\n'],
    ['{.items[?(@.port==443)].name}', 'b'],
    ['{.items[?(@.port>80)].name}', 'b'],
    ['{.items[?(@.name=="a")].port}', '80'],
    ["{.items[?(@.name!='a')].port}", '443'],
    ['{.items[?(@.list)].name}', 'a'],
    ['{.items[?(@.ready==true)].name}', 'a'],
    ["{.items[0].labels['x.y/z']}", 'one'],
    ['{.items[0].labels.x\\.y/z}', 'one'],
    ["{.items[0]['name','port']}", 'a 80'],
    ['{..name}', 'a b'],
    ['{.items[0].labels}', '{"x.y/z":"one"}'],
    ['{$.kind}', 'List'],
    ['{.items[*].missing}', ''],
  ];
  for (const [template, text] of cases) {
    test(`gives ${JSON.stringify(text)} when the template is ${template}`, () => {
      assert.equal(new JsonPath(template, true).render(data), text);
    });
  }

  test('throws when a field is missing and must not be', () => {
    assert.throws(() => new JsonPath('{.nothing}').render(data), { message: 'nothing is not found' });
  });

  test('throws when an action is not closed', () => {
    assert.throws(() => new JsonPath('{.kind'), { message: 'unclosed action' });
  });
});

test('relaxedPath() takes paths with and without braces and dot', () => {
  for (const text of ['metadata.name', '.metadata.name', '{metadata.name}', '{.metadata.name}']) {
    assert.equal(relaxedPath(text), '{.metadata.name}');
  }
  assert.throws(() => relaxedPath('{.a'), /unexpected path string/);
});
